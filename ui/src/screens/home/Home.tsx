import { useQuery } from "@tanstack/react-query";
import { homeQuery } from "@/api/queries";
import { useT } from "@/catalogue/use";
import { Failed } from "@/parts/Failed";
import { Loading } from "@/parts/Loading";
import { Page } from "@/parts/Page";

export function Home() {
  const t = useT();
  const home = useQuery(homeQuery);
  return (
    <Page title={t("home.title")}>
      {home.isPending && <Loading />}
      {home.error && <Failed error={home.error} retry={() => void home.refetch()} />}
    </Page>
  );
}
