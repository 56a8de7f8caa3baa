import { getRouteApi } from "@tanstack/react-router";
import { api } from "@/api/client";
import { MASK, type Variable, variablesQuery } from "@/api/keyed";
import { useT } from "@/catalogue/use";
import type { Column } from "@/parts/DataTable";
import table from "@/parts/table.module.css";
import { Exchange } from "@/screens/keyed/Exchange";
import { KeyedScreen } from "@/screens/keyed/KeyedScreen";
import { exchange } from "./exchange";
import { VariableDialog } from "./VariableDialog";

const route = getRouteApi("/app/variables");
const ORDER = "key";

export function Variables() {
  const t = useT();
  const place = route.useSearch();
  const navigate = route.useNavigate();
  const columns: Column<Variable>[] = [
    { id: "key", head: t("variables.key"), sort: ORDER, cell: (row) => row.key },
    {
      id: "value",
      head: t("variables.value"),
      cell: (row) =>
        row.value === MASK ? (
          <span className="soft">{t("variables.hidden")}</span>
        ) : (
          <code className={table.cut} translate="no">
            {row.value}
          </code>
        ),
    },
    { id: "description", head: t("keyed.description"), sort: "description", cell: (row) => <span translate="no">{row.description}</span> },
  ];
  return (
    <KeyedScreen
      noun="variables"
      secret
      query={variablesQuery(place.search ?? "", place.sort ?? ORDER)}
      place={place}
      go={(search) => void navigate({ search, replace: true })}
      order={ORDER}
      idOf={(row) => row.key}
      columns={columns}
      remove={(variable_key) => api.delete("/api/v2/variables/{variable_key}", { path: { variable_key } })}
      editor={(variable, close) => <VariableDialog variable={variable} onClose={close} />}
      tools={<Exchange noun="variables" exchange={exchange} />}
    />
  );
}
