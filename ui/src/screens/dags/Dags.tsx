import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { dagsQuery } from "@/api/queries";
import { useT } from "@/catalogue/use";
import { Failed } from "@/parts/Failed";
import { Loading } from "@/parts/Loading";
import { Page } from "@/parts/Page";

const route = getRouteApi("/app/dags");

export function Dags() {
  const t = useT();
  const filters = route.useSearch();
  const list = useInfiniteQuery(dagsQuery({ ...filters }));
  return (
    <Page title={t("dags.title")}>
      {list.isPending && <Loading />}
      {list.error && <Failed error={list.error} retry={() => void list.refetch()} />}
      <p>{t("dags.count", { count: list.data?.pages[0]?.total_entries ?? 0 })}</p>
    </Page>
  );
}
