import { getRouteApi } from "@tanstack/react-router";
import { api } from "@/api/client";
import { type Connection, connectionsQuery } from "@/api/keyed";
import { useT } from "@/catalogue/use";
import type { Column } from "@/parts/DataTable";
import { Icon } from "@/parts/Icon";
import { Exchange } from "@/screens/keyed/Exchange";
import { KeyedScreen } from "@/screens/keyed/KeyedScreen";
import { ConnectionDialog } from "./ConnectionDialog";
import { exchange } from "./exchange";

const route = getRouteApi("/app/connections");
const ORDER = "connection_id";

export function Connections() {
  const t = useT();
  const place = route.useSearch();
  const navigate = route.useNavigate();
  const columns: Column<Connection>[] = [
    { id: "id", head: t("connections.id"), sort: ORDER, cell: (row) => row.connection_id },
    { id: "type", head: t("connections.type"), sort: "conn_type", cell: (row) => <span translate="no">{row.conn_type}</span> },
    { id: "host", head: t("connections.host"), sort: "host", className: "mono", cell: (row) => <span translate="no">{[row.host, row.port].filter((part) => part !== null && part !== "").join(":")}</span> },
    { id: "login", head: t("connections.login"), cell: (row) => <span translate="no">{row.login}</span> },
    { id: "schema", head: t("connections.schema"), cell: (row) => <span translate="no">{row.schema}</span> },
    { id: "password", head: t("connections.password"), cell: (row) => row.password && <Set /> },
    { id: "description", head: t("keyed.description"), sort: "description", cell: (row) => <span translate="no">{row.description}</span> },
  ];
  return (
    <KeyedScreen
      noun="connections"
      secret
      query={connectionsQuery(place.search ?? "", place.sort ?? ORDER)}
      place={place}
      go={(search) => void navigate({ search, replace: true })}
      order={ORDER}
      idOf={(row) => row.connection_id}
      columns={columns}
      remove={(connection_id) => api.delete("/api/v2/connections/{connection_id}", { path: { connection_id } })}
      editor={(connection, close) => <ConnectionDialog connection={connection} onClose={close} />}
      tools={<Exchange noun="connections" exchange={exchange} />}
    />
  );
}

function Set() {
  const t = useT();
  return (
    <span className="row soft small">
      <Icon name="check" />
      {t("connections.set")}
    </span>
  );
}
