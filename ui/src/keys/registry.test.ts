// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { addShortcuts, caps, handle, listShortcuts } from "./registry";

const press = (key: string, init: KeyboardEventInit = {}, letters = true) => {
  const event = new KeyboardEvent("keydown", { key, cancelable: true, ...init });
  handle(event, letters);
  return event;
};

describe("shortcuts", () => {
  it("are single keys, keys together, and keys one after the other", () => {
    const run = vi.fn();
    const remove = addShortcuts([
      { keys: "?", label: "shell.keyHelp", run: () => run("help") },
      { keys: "mod+k", label: "shell.keyPalette", run: () => run("palette") },
      { keys: "g h", label: "shell.keyHome", run: () => run("home") },
    ]);
    press("?", { shiftKey: true });
    press("k", { ctrlKey: true });
    press("g");
    press("h");
    press("h");
    expect(run.mock.calls.flat()).toEqual(["help", "palette", "home"]);
    press("?", { shiftKey: true }, false);
    press("k", { ctrlKey: true }, false);
    expect(run).toHaveBeenCalledTimes(4);
    remove();
    press("?", { shiftKey: true });
    expect(run).toHaveBeenCalledTimes(4);
    expect(listShortcuts()).toEqual([]);
  });

  it("do not fire in fields", () => {
    const run = vi.fn();
    const remove = addShortcuts([{ keys: "n", label: "shell.keyHelp", run }]);
    const field = document.body.appendChild(document.createElement("input"));
    field.addEventListener("keydown", (event) => handle(event, true));
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "n" }));
    expect(run).not.toHaveBeenCalled();
    remove();
    field.remove();
  });

  it("of a screen hide those of the app while it is there", () => {
    const run = vi.fn();
    const removeApp = addShortcuts([{ keys: "r", label: "shell.keyHome", run: () => run("app") }]);
    const removeScreen = addShortcuts([{ keys: "r", label: "shell.keyDags", run: () => run("screen"), local: true }]);
    press("r");
    expect(listShortcuts().map((one) => one.label)).toEqual(["shell.keyDags"]);
    removeScreen();
    press("r");
    expect(run.mock.calls.flat()).toEqual(["screen", "app"]);
    removeApp();
  });

  it("are shown as on the keyboard", () => {
    expect(caps("mod+k")).toEqual([["Ctrl", "K"]]);
    expect(caps("g h")).toEqual([["G"], ["H"]]);
  });
});
