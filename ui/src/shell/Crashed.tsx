import { type ErrorComponentProps, Link, useRouterState } from "@tanstack/react-router";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { Page } from "@/parts/Page";

/** A screen that could not be shown. */
export function Crashed({ error, reset }: ErrorComponentProps) {
  const t = useT();
  return (
    <Page title={t("failed.page")}>
      <p>{t("failed.pageHint")}</p>
      <Failed error={error} retry={reset} />
      <div className="row">
        <Button icon="refresh" onClick={() => location.reload()}>
          {t("failed.reload")}
        </Button>
      </div>
    </Page>
  );
}

/** An address that leads nowhere. */
export function NotFound() {
  const t = useT();
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <Page title={t("failed.notFound")}>
      <Empty icon="search" title={t("failed.notFound")}>
        <p>{t("failed.notFoundHint", { path })}</p>
        <Link to="/">{t("failed.goHome")}</Link>
      </Empty>
    </Page>
  );
}
