import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "@/api/client";
import { useConfig, useMay } from "@/api/config";
import { type Connection, connectionsQuery } from "@/api/keyed";
import { useT } from "@/catalogue/use";
import { Button, IconButton } from "@/parts/Button";
import { DeleteDialog } from "@/parts/DeleteDialog";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { Icon } from "@/parts/Icon";
import { Loading } from "@/parts/Loading";
import { MoreRows } from "@/parts/MoreRows";
import { notify } from "@/parts/notices";
import { Card, Page } from "@/parts/Page";
import { SearchField } from "@/parts/SearchField";
import styles from "@/parts/table.module.css";
import { ConnectionDialog } from "./ConnectionDialog";

const route = getRouteApi("/app/connections");

export function Connections() {
  const t = useT();
  const client = useQueryClient();
  const may = useMay("OP");
  const { role } = useConfig().user;
  const { search = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery({ ...connectionsQuery(search), enabled: may });
  const [edited, setEdited] = useState<Connection | "new" | null>(null);
  const [deleted, setDeleted] = useState<string | null>(null);
  const remove = useMutation({
    mutationFn: (connection_id: string) => api.delete("/api/v2/connections/{connection_id}", { path: { connection_id } }),
    onSuccess: (_, id) => {
      notify({ kind: "done", text: t("connections.deleted", { id }) });
      void client.invalidateQueries({ queryKey: ["connections"] });
      setDeleted(null);
    },
  });
  const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];
  const add = (
    <Button kind="main" icon="plus" onClick={() => setEdited("new")}>
      {t("connections.add")}
    </Button>
  );
  if (!may)
    return (
      <Page title={t("connections.title")}>
        <Empty title={t("common.notAllowed", { role })}>{t("connections.whyNot")}</Empty>
      </Page>
    );
  return (
    <Page title={t("connections.title")} actions={add}>
      <SearchField value={search} label={t("connections.search")} onChange={(text) => void navigate({ search: text ? { search: text } : {}, replace: true })} />
      {list.error && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Loading />}
      {list.data && rows.length === 0 && (
        <Empty icon="connections" title={search ? t("keyed.nothing", { search }) : t("connections.empty")}>
          {!search && <p>{t("connections.emptyHint")}</p>}
          {!search && add}
        </Empty>
      )}
      {rows.length > 0 && (
        <Card flush>
          <table className={styles.table}>
            <thead>
              <tr>
                <th>{t("connections.id")}</th>
                <th>{t("connections.type")}</th>
                <th>{t("connections.host")}</th>
                <th>{t("connections.login")}</th>
                <th>{t("connections.schema")}</th>
                <th>{t("connections.password")}</th>
                <th>{t("keyed.description")}</th>
                <th>
                  <span className="visually-hidden">{t("keyed.acts")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.connection_id} translate="no">
                  <td>
                    <strong>{row.connection_id}</strong>
                  </td>
                  <td>{row.conn_type}</td>
                  <td className="mono">{[row.host, row.port].filter((part) => part !== null && part !== "").join(":")}</td>
                  <td>{row.login}</td>
                  <td>{row.schema}</td>
                  <td>
                    {row.password && (
                      <span className="row soft small" translate="yes">
                        <Icon name="check" />
                        {t("connections.set")}
                      </span>
                    )}
                  </td>
                  <td>{row.description}</td>
                  <td className={styles.acts}>
                    <div>
                      <IconButton icon="edit" label={t("keyed.editOne", { name: row.connection_id })} onClick={() => setEdited(row)} />
                      <IconButton icon="trash" label={t("keyed.deleteOne", { name: row.connection_id })} onClick={() => setDeleted(row.connection_id)} />
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <MoreRows
            shown={rows.length}
            total={list.data?.pages[0]?.total ?? 0}
            more={list.hasNextPage ? () => void list.fetchNextPage() : null}
            busy={list.isFetchingNextPage}
          />
        </Card>
      )}
      {edited && <ConnectionDialog connection={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
      {deleted !== null && (
        <DeleteDialog
          title={t("connections.deleteTitle", { id: deleted })}
          hint={t("connections.deleteHint")}
          busy={remove.isPending}
          onDelete={() => remove.mutate(deleted)}
          onClose={() => setDeleted(null)}
        />
      )}
    </Page>
  );
}
