// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import { passOn, rememberFocus, trailOf } from "./focus";

const find = (selector: string) => document.querySelector(selector) as HTMLElement;
const focused = () => document.activeElement?.id;

beforeEach(() => {
  document.body.innerHTML = `<main tabindex="-1" id="page">
    <button id="menu">More</button>
    <ul><li><button id="a">a</button></li><li><button id="b">b</button></li><li><button id="c">c</button></li></ul>
    <p><button id="alone">alone</button></p>
  </main>`;
});

it("passes the focus to what took the place of a row, else to the row before", () => {
  for (const [gone, heir] of [["b", "c"], ["c", "a"]] as const) {
    const trail = trailOf(find(`#${gone}`), find("main"));
    find(`#${gone}`).closest("li")?.remove();
    passOn(trail);
    expect(focused()).toBe(heir);
  }
});

it("passes it on to the page when nothing near can have it", () => {
  find("#menu").remove();
  find("ul").remove();
  const trail = trailOf(find("#alone"), find("main"));
  find("p").remove();
  passOn(trail);
  expect(focused()).toBe("page");
});

it("gives it back to the button of a menu whose entry is gone, and to the page when that is gone too", () => {
  const open = () => {
    find("main").insertAdjacentHTML("beforeend", '<div role="menu" aria-labelledby="menu"><button id="entry">Delete</button></div>');
    find("#entry").focus();
  };
  open();
  let back = rememberFocus();
  find("[role=menu]").remove();
  back();
  expect(focused()).toBe("menu");
  open();
  back = rememberFocus();
  find("[role=menu]").remove();
  find("#menu").remove();
  back();
  expect(focused()).toBe("page");
});
