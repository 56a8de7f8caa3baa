// Written by `npm run types` from the server's OpenAPI document; not to be changed by hand.

export interface Schemas {
  HTTPExceptionResponse: {
    detail: string | { [name: string]: unknown };
  };
  HTTPValidationError: {
    detail?: { [name: string]: unknown }[];
  };
}

export interface paths {
  "/api/v2/auth/login": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/auth/logout": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/config": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/config/section/{section}/option/{option}": {
    get: {
      path: {
        section: string;
        option: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/connections": {
    get: {
      answer: unknown;
    };
    post: {
      answer: unknown;
    };
    patch: {
      answer: unknown;
    };
  };
  "/api/v2/connections/test": {
    post: {
      answer: unknown;
    };
  };
  "/api/v2/connections/{connection_id}": {
    get: {
      path: {
        connection_id: string;
      };
      answer: unknown;
    };
    patch: {
      path: {
        connection_id: string;
      };
      answer: unknown;
    };
    delete: {
      path: {
        connection_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dagSources/{dag_id}": {
    get: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dagStats": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/dagTags": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/dagWarnings": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/dags": {
    get: {
      answer: unknown;
    };
    patch: {
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}": {
    get: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
    patch: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
    delete: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/clearDagRuns": {
    post: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/clearPartitions": {
    post: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/clearTaskInstances": {
    post: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns": {
    get: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
    post: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
    patch: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/list": {
    post: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      answer: unknown;
    };
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      answer: unknown;
    };
    delete: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/clear": {
    post: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskGroupInstances/{group_id}": {
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
        group_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskGroupInstances/{group_id}/dry_run": {
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
        group_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      answer: unknown;
    };
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/list": {
    post: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      answer: unknown;
    };
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      answer: unknown;
    };
    delete: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/dependencies": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/dry_run": {
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/externalLogUrl/{try_number}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        try_number: number;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/links": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/listMapped": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        try_number: number;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/tries": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/tries/{task_try_number}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        task_try_number: number;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      answer: unknown;
    };
    post: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries/{xcom_key}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        xcom_key: string;
      };
      answer: unknown;
    };
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        xcom_key: string;
      };
      answer: unknown;
    };
    delete: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        xcom_key: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        map_index: number;
      };
      answer: unknown;
    };
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        map_index: number;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/dependencies": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        map_index: number;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/dry_run": {
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        map_index: number;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/tries": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        map_index: number;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/tries/{task_try_number}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        map_index: number;
        task_try_number: number;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/wait": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagVersions": {
    get: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagVersions/{version_number}": {
    get: {
      path: {
        dag_id: string;
        version_number: number;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/details": {
    get: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/favorite": {
    post: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/tasks": {
    get: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/tasks/{task_id}": {
    get: {
      path: {
        dag_id: string;
        task_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/unfavorite": {
    post: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/eventLogs": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/eventLogs/{event_log_id}": {
    get: {
      path: {
        event_log_id: number;
      };
      answer: unknown;
    };
  };
  "/api/v2/importErrors": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/importErrors/{import_error_id}": {
    get: {
      path: {
        import_error_id: number;
      };
      answer: unknown;
    };
  };
  "/api/v2/jobs": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/monitor/health": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/parseDagFile/{file_token}": {
    put: {
      path: {
        file_token: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/plugins": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/plugins/importErrors": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/pools": {
    get: {
      answer: unknown;
    };
    post: {
      answer: unknown;
    };
    patch: {
      answer: unknown;
    };
  };
  "/api/v2/pools/{pool_name}": {
    get: {
      path: {
        pool_name: string;
      };
      answer: unknown;
    };
    patch: {
      path: {
        pool_name: string;
      };
      answer: unknown;
    };
    delete: {
      path: {
        pool_name: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/providers": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/tradewind/cluster": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/tradewind/dags": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/tradewind/dags/{dag_id}/grid": {
    get: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/tradewind/dags/{dag_id}/unpausePreview": {
    get: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/tradewind/events": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/tradewind/home": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/tradewind/ui/config": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/variables": {
    get: {
      answer: unknown;
    };
    post: {
      answer: unknown;
    };
    patch: {
      answer: unknown;
    };
  };
  "/api/v2/variables/{variable_key}": {
    get: {
      path: {
        variable_key: string;
      };
      answer: unknown;
    };
    patch: {
      path: {
        variable_key: string;
      };
      answer: unknown;
    };
    delete: {
      path: {
        variable_key: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/version": {
    get: {
      answer: unknown;
    };
  };
  "/auth/logout": {
    get: {
      answer: unknown;
    };
  };
  "/auth/session": {
    post: {
      answer: unknown;
    };
    delete: {
      answer: unknown;
    };
  };
  "/auth/token": {
    get: {
      answer: unknown;
    };
    post: {
      answer: unknown;
    };
  };
  "/auth/token/cli": {
    post: {
      answer: unknown;
    };
  };
}
