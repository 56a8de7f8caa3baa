import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useT } from "@/catalogue/use";
import { type Column, DataTable } from "@/parts/DataTable";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { DagLink } from "@/parts/links";
import { Loading } from "@/parts/Loading";
import { MoreRows } from "@/parts/MoreRows";
import { Card, Page } from "@/parts/Page";
import { SearchField } from "@/parts/SearchField";
import table from "@/parts/table.module.css";
import { Time } from "@/time/Time";
import styles from "./ImportErrors.module.css";
import { allWarningsQuery, groupWarnings, type ImportError, importErrorsQuery, type WarningGroup } from "./queries";
import { type Frame, readTrace } from "./trace";

const route = getRouteApi("/app/import-errors");

export function ImportErrors() {
  const t = useT();
  const { search = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(importErrorsQuery(search));
  const rows = list.data?.pages.flatMap((page) => page.import_errors) ?? [];
  const total = list.data?.pages[0]?.total_entries ?? 0;
  return (
    <Page title={t("importErrors.title")}>
      <p className="soft">{t("importErrors.hint")}</p>
      <SearchField value={search} label={t("importErrors.search")} onChange={(text) => void navigate({ search: text ? { search: text } : {}, replace: true })} />
      {list.error && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Loading />}
      {list.data && rows.length === 0 && <Empty icon="check" title={search ? t("keyed.nothing", { search }) : t("importErrors.empty")} />}
      {rows.map((row) => (
        <ErrorCard key={row.import_error_id} error={row} />
      ))}
      {rows.length > 0 && rows.length < total && (
        <MoreRows shown={rows.length} total={total} more={() => void list.fetchNextPage()} busy={list.isFetchingNextPage} />
      )}
      <Warnings />
    </Page>
  );
}

function ErrorCard({ error }: { error: ImportError }) {
  const t = useT();
  const trace = readTrace(error.stack_trace, error.filename);
  return (
    <article className={styles.error} id={`error-${error.import_error_id}`}>
      <header className={styles.head}>
        <h2 className="mono" translate="no">
          {error.filename}
          {trace.place && <span className="soft">:{trace.place.line}</span>}
        </h2>
        <span className="soft small">
          {t("importErrors.since")} <Time value={error.timestamp} />
        </span>
      </header>
      <p className={styles.summary} translate="no">{trace.summary}</p>
      {trace.place?.source && <Source frame={trace.place} />}
      {trace.frames.length > 0 && (
        <details>
          <summary>{t("importErrors.trace")}</summary>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
          <pre className={styles.trace} tabIndex={0} translate="no">
            {error.stack_trace}
          </pre>
        </details>
      )}
    </article>
  );
}

/** The line of the source, with what the error is about marked. */
function Source({ frame }: { frame: Frame }) {
  const source = frame.source ?? "";
  const [from, to] = frame.marked ?? [0, 0];
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
    <pre className={styles.source} tabIndex={0}>
      <span className={styles.number}>{frame.line}</span>
      <code>
        {source.slice(0, from)}
        {to > from && <mark className={styles.mark}>{source.slice(from, to)}</mark>}
        {source.slice(Math.max(from, to))}
      </code>
    </pre>
  );
}

function Warnings() {
  const t = useT();
  const list = useQuery(allWarningsQuery);
  const rows = groupWarnings(list.data ?? []);
  const columns: Column<WarningGroup>[] = [
    { id: "message", head: t("importErrors.warning"), fixed: true, cell: (row) => <span translate="no">{row.message}</span> },
    { id: "kind", head: t("importErrors.kind"), className: table.nowrap, cell: (row) => kind(row.type, t) },
    {
      id: "dags",
      head: t("importErrors.dags"),
      cell: (row) => (
        <div className="row">
          {row.dags.map((dagId) => (
            <DagLink key={dagId} dagId={dagId}>
              {dagId}
            </DagLink>
          ))}
        </div>
      ),
    },
    { id: "since", head: t("importErrors.since"), className: table.nowrap, cell: (row) => <Time value={row.since} show="relative" /> },
  ];
  return (
    <Card title={t("importErrors.warnings")} flush>
      {list.isPending && <Loading />}
      {list.error && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data && rows.length === 0 && <Empty icon="check" title={t("importErrors.noWarnings")} />}
      {rows.length > 0 && (
        <DataTable label={t("importErrors.warnings")} columns={columns} rows={rows} idOf={(row) => `${row.type} ${row.message}`} />
      )}
    </Card>
  );
}

function kind(type: string, t: ReturnType<typeof useT>): string {
  switch (type) {
    case "deprecation":
      return t("importErrors.kindDeprecation");
    case "non-existent pool":
      return t("importErrors.kindPool");
    case "asset conflict":
      return t("importErrors.kindAsset");
    case "runtime varying value":
      return t("importErrors.kindVarying");
    default:
      return type;
  }
}
