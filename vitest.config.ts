import { defineConfig } from "vitest/config"

/** The one line that scripts read: written after every run, whatever its outcome. */
const tally = {
  onTestRunEnd(
    modules: ReadonlyArray<{ children: { allTests(state?: string): Iterable<unknown> }; state(): string }>,
  ) {
    let passed = 0
    let failed = 0
    for (const module of modules) {
      passed += [...module.children.allTests("passed")].length
      const broken = [...module.children.allTests("failed")].length
      // A file that cannot even be loaded has no failed test in it, and is a failure all the same.
      failed += broken === 0 && module.state() === "failed" ? 1 : broken
    }
    process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
  },
}

const rooms = "{core,node,spec,chaos,proofs}"

export default defineConfig({
  test: {
    reporters: ["default", tally],
    projects: [
      {
        test: {
          name: "fast",
          // Files share what they import: loading it anew for each of them takes twice as long as all tests together.
          isolate: false,
          maxWorkers: "100%",
          // A machine that does much else is slow: what hangs is found all the same.
          testTimeout: 30_000,
          include: [`${rooms}/**/*.test.ts`, "*.test.ts"],
          exclude: ["**/*.{compute,slow,long}.test.ts", "**/node_modules/**"],
        },
      },
      {
        // Explorations, proofs and simulations: they wait for nobody and nobody for them, so two cores carry two.
        test: {
          name: "compute",
          include: [`${rooms}/**/*.compute.test.ts`],
          isolate: false,
          maxWorkers: "100%",
          // They take as long as the machine takes.
          testTimeout: 600_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Real clusters: one file at a time, because two cores do not carry two rings.
        test: {
          name: "slow",
          include: [`${rooms}/**/*.slow.test.ts`],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // Hundreds of walks, and every mutant: minutes each, for whoever changes the journal.
        test: {
          name: "long",
          include: [`${rooms}/**/*.long.test.ts`],
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
