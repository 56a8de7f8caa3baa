// @vitest-environment happy-dom
import { fireEvent, render, screen } from "@testing-library/react";
import { Tooltip } from "radix-ui";
import { useState } from "react";
import { expect, it } from "vitest";
import { useKeyboard } from "@/keys/use";
import { changeSettings, defaults } from "@/settings/store";
import { type Column, DataTable } from "./DataTable";

interface Thing {
  id: string;
  size: number;
}
const rows: Thing[] = [
  { id: "b", size: 1 },
  { id: "a", size: 2 },
];
const columns: Column<Thing>[] = [
  { id: "name", head: "Name", sort: "name", fixed: true, cell: (row) => <a href={`#${row.id}`}>{row.id}</a> },
  { id: "size", head: "Size", sort: "size", descFirst: true, number: true, cell: (row) => row.size },
  { id: "words", head: "Words", cell: (row) => `about ${row.id}` },
];

function Things({ told }: { told: string[] }) {
  useKeyboard();
  const [order, setOrder] = useState("name");
  const tell = (next: string) => {
    told.push(next);
    setOrder(next);
  };
  return (
    <Tooltip.Provider>
      <DataTable label="Things" name="things" columns={columns} rows={rows} idOf={(row) => row.id} order={order} onOrder={tell} below={(row) => row.id === "a" && <p>{`under ${row.id}`}</p>} />
    </Tooltip.Provider>
  );
}

const head = (name: string) => screen.getByRole("columnheader", { name });

it("sorts by its heads, which say how", () => {
  const told: string[] = [];
  render(<Things told={told} />);
  expect(head("Name").getAttribute("aria-sort")).toBe("ascending");
  fireEvent.click(screen.getByRole("button", { name: "Name" }));
  fireEvent.click(screen.getByRole("button", { name: "Size" }));
  fireEvent.click(screen.getByRole("button", { name: "Size" }));
  expect(told).toEqual(["-name", "-size", "size"]);
  expect(head("Size").getAttribute("aria-sort")).toBe("ascending");
  expect(head("Name").getAttribute("aria-sort")).toBeNull();
  expect(screen.queryByRole("button", { name: "Words" })).toBeNull();
});

it("leaves hidden columns out, and keeps rows as they come", () => {
  changeSettings({ hiddenColumns: { things: ["size"] } });
  render(<Things told={[]} />);
  expect(screen.queryByText("Size")).toBeNull();
  expect(screen.getAllByRole("row").map((row) => row.textContent)).toEqual(["NameWords", "babout b", "aabout a", "under a"]);
  changeSettings(defaults);
});

it("is walked through by keys", () => {
  render(<Things told={[]} />);
  const press = (key: string) => fireEvent.keyDown(document.body, { key });
  press("j");
  expect(document.activeElement?.textContent).toBe("b");
  press("j");
  press("j");
  expect(document.activeElement?.textContent).toBe("a");
  press("k");
  expect(document.activeElement?.textContent).toBe("b");
});
