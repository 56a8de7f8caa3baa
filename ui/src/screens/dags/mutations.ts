import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { DagList, DagRow } from "@/api/types";

/** Changes a row in every page of the list that is held. */
export function patchRow(client: QueryClient, dagId: string, change: Partial<DagRow>): void {
  client.setQueriesData<DagList>({ queryKey: ["dags"] }, (list) =>
    list && Array.isArray(list.dags)
      ? { ...list, dags: list.dags.map((row) => (row.dag_id === dagId ? { ...row, ...change } : row)) }
      : list,
  );
}

type Named = Pick<DagRow, "dag_id">;

/** Pauses or unpauses; `fromNow` skips the runs that were missed. */
export function usePause(dag: Named) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ paused, fromNow = false }: { paused: boolean; fromNow?: boolean }) =>
      api.patch("/api/v2/dags/{dag_id}", {
        path: { dag_id: dag.dag_id },
        query: { update_mask: "is_paused", ...(fromNow ? { from_now: true } : {}) },
        body: { is_paused: paused },
      }),
    onSuccess: async (_, { paused }) => {
      patchRow(client, dag.dag_id, { is_paused: paused });
      await Promise.all([
        client.invalidateQueries({ queryKey: ["dags"] }),
        client.invalidateQueries({ queryKey: ["dag", dag.dag_id] }),
        client.invalidateQueries({ queryKey: ["home"] }),
      ]);
    },
  });
}

export function useFavorite(dag: Pick<DagRow, "dag_id" | "is_favorite">) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      dag.is_favorite
        ? api.post("/api/v2/dags/{dag_id}/unfavorite", { path: { dag_id: dag.dag_id } })
        : api.post("/api/v2/dags/{dag_id}/favorite", { path: { dag_id: dag.dag_id } }),
    onSuccess: () => patchRow(client, dag.dag_id, { is_favorite: !dag.is_favorite }),
  });
}
