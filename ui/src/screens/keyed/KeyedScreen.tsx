import { type InfiniteData, useInfiniteQuery, type UseInfiniteQueryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useConfig, useMay } from "@/api/config";
import type { KeyedPage } from "@/api/keyed";
import { useT } from "@/catalogue/use";
import { Button, IconButton } from "@/parts/Button";
import { type Column, DataTable } from "@/parts/DataTable";
import { DeleteDialog } from "@/parts/DeleteDialog";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { Loading } from "@/parts/Loading";
import { MoreRows } from "@/parts/MoreRows";
import { notify } from "@/parts/notices";
import { Card, Page } from "@/parts/Page";
import { SearchField } from "@/parts/SearchField";
import table from "@/parts/table.module.css";

/** Which of the lists of named things; the part of the catalogue is called the same. */
export type Noun = "connections" | "variables" | "pools";

/** What of a list stands in the address. */
export interface Place {
  search?: string | undefined;
  sort?: string | undefined;
}

interface Props<T> {
  noun: Noun;
  /** Only who may change the things may see them. */
  secret: boolean;
  query: UseInfiniteQueryOptions<KeyedPage<T>, Error, InfiniteData<KeyedPage<T>>, string[], number>;
  place: Place;
  go: (place: Place) => void;
  /** How it is sorted when nothing is said. */
  order: string;
  idOf: (row: T) => string;
  columns: readonly Column<T>[];
  remove: (id: string) => Promise<unknown>;
  /** Why one cannot be deleted. */
  keep?: (row: T) => string | null;
  editor: (row: T | null, close: () => void) => ReactNode;
  /** Acts on the whole list. */
  tools?: ReactNode;
  below?: (row: T) => ReactNode;
  /** The name of a row as what opens it; by default a press edits it. */
  opener?: (row: T) => ReactNode;
}

/** A list of named things: found, sorted, made, changed, deleted. */
export function KeyedScreen<T extends object>({ noun, secret, query, place, go, order, idOf, columns, remove, keep, editor, tools, below, opener }: Props<T>) {
  const t = useT();
  const client = useQueryClient();
  const may = useMay("OP");
  const { role } = useConfig().user;
  const { search = "", sort } = place;
  const list = useInfiniteQuery({ ...query, enabled: may || !secret });
  const [edited, setEdited] = useState<T | "new" | null>(null);
  const [deleted, setDeleted] = useState<string | null>(null);
  const removal = useMutation({
    mutationFn: remove,
    onSuccess: (_, name) => {
      notify({ kind: "done", text: t(`${noun}.deleted`, { name }) });
      void client.invalidateQueries({ queryKey: [noun] });
      setDeleted(null);
    },
  });
  const why = may ? null : t("common.notAllowed", { role });
  if (secret && !may)
    return (
      <Page title={t(`${noun}.title`)}>
        <Empty title={t("common.notAllowed", { role })}>{noun !== "pools" && t(`${noun}.whyNot`)}</Empty>
      </Page>
    );
  const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];
  const add = (
    <Button kind="main" icon="plus" why={why} onClick={() => setEdited("new")}>
      {t(`${noun}.add`)}
    </Button>
  );
  const [first, ...others] = columns;
  const all: Column<T>[] = [
    ...(first
      ? [
          {
            ...first,
            fixed: true,
            cell:
              opener ??
              ((row: T) => (
                <button type="button" className={table.name} translate="no" onClick={() => setEdited(row)}>
                  {idOf(row)}
                </button>
              )),
          },
        ]
      : []),
    ...others,
    {
      id: "acts",
      head: t("keyed.acts"),
      acts: true,
      cell: (row) => (
        <div>
          <IconButton icon="edit" label={t("keyed.editOne", { name: idOf(row) })} why={why} onClick={() => setEdited(row)} />
          <IconButton icon="trash" label={t("keyed.deleteOne", { name: idOf(row) })} why={why ?? keep?.(row)} onClick={() => setDeleted(idOf(row))} />
        </div>
      ),
    },
  ];
  return (
    <Page
      title={t(`${noun}.title`)}
      actions={
        <>
          {tools}
          {add}
        </>
      }
    >
      <SearchField value={search} label={t(`${noun}.search`)} onChange={(text) => go({ ...place, search: text || undefined })} />
      {list.error && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Loading />}
      {list.data && rows.length === 0 && (
        <Empty icon={noun} title={search ? t("keyed.nothing", { search }) : t(`${noun}.empty`)}>
          {!search && noun !== "pools" && <p>{t(`${noun}.emptyHint`)}</p>}
          {!search && add}
        </Empty>
      )}
      {rows.length > 0 && (
        <Card flush>
          <DataTable
            label={t(`${noun}.title`)}
            name={noun}
            columns={all}
            rows={rows}
            idOf={idOf}
            order={sort ?? order}
            onOrder={(next) => go({ ...place, sort: next === order ? undefined : next })}
            {...(below ? { below } : {})}
          />
          <MoreRows
            shown={rows.length}
            total={list.data?.pages[0]?.total ?? 0}
            more={list.hasNextPage ? () => void list.fetchNextPage() : null}
            busy={list.isFetchingNextPage}
          />
        </Card>
      )}
      {edited && editor(edited === "new" ? null : edited, () => setEdited(null))}
      {deleted !== null && (
        <DeleteDialog
          title={t(`${noun}.deleteTitle`, { name: deleted })}
          hint={t(`${noun}.deleteHint`)}
          busy={removal.isPending}
          onDelete={() => removal.mutate(deleted)}
          onClose={() => setDeleted(null)}
        />
      )}
    </Page>
  );
}
