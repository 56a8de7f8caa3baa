import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Query } from "@/api/client";
import { DAG_PAGE, dagsQuery } from "@/api/queries";
import type { DagRow } from "@/api/types";

/** What is done with a DAG of a selection needs no more of it. */
export type Chosen = Pick<DagRow, "dag_id" | "dag_display_name" | "is_paused">;

/** DAGs of the list that were chosen, in the order of the list as far as it is known. */
export interface Selection {
  chosen: ReadonlyMap<string, Chosen>;
  /** All that the filters let through are being asked for. */
  busy: boolean;
  toggle: (row: Chosen, on: boolean) => void;
  /** Everything between two rows of those that are held. */
  range: (rows: readonly Chosen[]) => void;
  all: () => Promise<void>;
  clear: () => void;
}

export function useSelection(query: Query, total: number): Selection {
  const client = useQueryClient();
  const [chosen, setChosen] = useState<ReadonlyMap<string, Chosen>>(new Map());
  const [busy, setBusy] = useState(false);
  const add = (rows: readonly Chosen[]) => setChosen((before) => new Map([...before, ...rows.map((row): [string, Chosen] => [row.dag_id, row])]));
  return {
    chosen,
    busy,
    toggle: (row, on) => {
      if (on) add([row]);
      else setChosen((before) => new Map([...before].filter(([id]) => id !== row.dag_id)));
    },
    range: add,
    all: async () => {
      setBusy(true);
      try {
        for (let page = 0; page * DAG_PAGE < total; page += 1) add((await client.fetchQuery({ ...dagsQuery(query, page), staleTime: 5000 })).dags);
      } finally {
        setBusy(false);
      }
    },
    clear: () => setChosen(new Map()),
  };
}
