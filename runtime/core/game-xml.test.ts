// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { readGame } from "./game-xml";

const xml = import.meta.glob<string>("../../fixtures/game-xml/*.xml", {
  query: "?raw",
  import: "default",
  eager: true,
});
const json = import.meta.glob<object>("../../fixtures/game-xml/*.json", { import: "default", eager: true });

for (const [file, text] of Object.entries(xml)) {
  const expected = json[file.replace(/xml$/, "json")] as { error?: string };
  const name = file.replace(/.*\//, "");
  const read = () => readGame(text, "https://bucket.example/g/x.xml");
  if (expected.error)
    test(`${name} is refused for its ${expected.error}`, () => expect(read).toThrow(new RegExp(`^${expected.error}$`)));
  else test(`${name} is read as its JSON says`, () => expect(read()).toEqual(expected));
}

test("there are golden files of both kinds", () => {
  const names = Object.keys(xml).join();
  expect(names).toContain("minimal.xml");
  expect(names).toContain("bad-entity-bomb.xml");
});
