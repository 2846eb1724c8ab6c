import { expect, test } from "vitest"
import { genesisAt } from "../look/testing/Journals.ts"
import { banner, type BannerFacts } from "./Banner.ts"

const facts: BannerFacts = {
  genesis: genesisAt([100, 1100, 2100]),
  plans: [],
  client: [{ kind: "cookie" }],
  data: "data",
  isDefaultData: false,
  service: "node app.js",
  durability: "memory",
  standby: "cold",
  keys: false,
}

const firstLine = (one: BannerFacts): string | undefined => banner(one).split("\n")[0]

test("the first line says the mode, and what a session's survival rests on where it survives", () => {
  expect(firstLine(facts)).toBe(
    "0 peers and 0 dispatchers serve, mode replay (durability memory, cold standby): 128 cells, 3 replicas each",
  )
  expect(firstLine({ ...facts, genesis: { ...facts.genesis, mode: "stateless" } })).toBe(
    "0 peers and 0 dispatchers serve, mode stateless: 128 cells, 3 replicas each",
  )
})
