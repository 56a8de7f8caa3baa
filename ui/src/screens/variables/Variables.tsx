import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "@/api/client";
import { useConfig, useMay } from "@/api/config";
import { MASK, type Variable, variablesQuery } from "@/api/keyed";
import { useT } from "@/catalogue/use";
import { Button, IconButton } from "@/parts/Button";
import { DeleteDialog } from "@/parts/DeleteDialog";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { Loading } from "@/parts/Loading";
import { MoreRows } from "@/parts/MoreRows";
import { notify } from "@/parts/notices";
import { Card, Page } from "@/parts/Page";
import { SearchField } from "@/parts/SearchField";
import styles from "@/parts/table.module.css";
import { VariableDialog } from "./VariableDialog";

const route = getRouteApi("/app/variables");

export function Variables() {
  const t = useT();
  const client = useQueryClient();
  const may = useMay("OP");
  const { role } = useConfig().user;
  const { search = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery({ ...variablesQuery(search), enabled: may });
  const [edited, setEdited] = useState<Variable | "new" | null>(null);
  const [deleted, setDeleted] = useState<string | null>(null);
  const remove = useMutation({
    mutationFn: (variable_key: string) => api.delete("/api/v2/variables/{variable_key}", { path: { variable_key } }),
    onSuccess: (_, key) => {
      notify({ kind: "done", text: t("variables.deleted", { key }) });
      void client.invalidateQueries({ queryKey: ["variables"] });
      setDeleted(null);
    },
  });
  const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];
  const add = (
    <Button kind="main" icon="plus" onClick={() => setEdited("new")}>
      {t("variables.add")}
    </Button>
  );
  if (!may)
    return (
      <Page title={t("variables.title")}>
        <Empty title={t("common.notAllowed", { role })}>{t("variables.whyNot")}</Empty>
      </Page>
    );
  return (
    <Page title={t("variables.title")} actions={add}>
      <SearchField value={search} label={t("variables.search")} onChange={(text) => void navigate({ search: text ? { search: text } : {}, replace: true })} />
      {list.error && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Loading />}
      {list.data && rows.length === 0 && (
        <Empty icon="variables" title={search ? t("keyed.nothing", { search }) : t("variables.empty")}>
          {!search && <p>{t("variables.emptyHint")}</p>}
          {!search && add}
        </Empty>
      )}
      {rows.length > 0 && (
        <Card flush>
          <table className={styles.table}>
            <thead>
              <tr>
                <th>{t("variables.key")}</th>
                <th>{t("variables.value")}</th>
                <th>{t("keyed.description")}</th>
                <th>
                  <span className="visually-hidden">{t("keyed.acts")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.key}>
                  <td>
                    <strong translate="no">{row.key}</strong>
                  </td>
                  <td>{row.value === MASK ? <span className="soft">{t("variables.hidden")}</span> : <code className={styles.cut}>{row.value}</code>}</td>
                  <td translate="no">{row.description}</td>
                  <td className={styles.acts}>
                    <div>
                      <IconButton icon="edit" label={t("keyed.editOne", { name: row.key })} onClick={() => setEdited(row)} />
                      <IconButton icon="trash" label={t("keyed.deleteOne", { name: row.key })} onClick={() => setDeleted(row.key)} />
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
      {edited && <VariableDialog variable={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
      {deleted !== null && (
        <DeleteDialog
          title={t("variables.deleteTitle", { key: deleted })}
          hint={t("variables.deleteHint")}
          busy={remove.isPending}
          onDelete={() => remove.mutate(deleted)}
          onClose={() => setDeleted(null)}
        />
      )}
    </Page>
  );
}
