import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { execa } from "execa"
import { afterAll, beforeAll, expect, test } from "vitest"
import { linearizable } from "../check/Linearizable.ts"
import { validHistory } from "../check/testing/Histories.ts"
import { runOf } from "../check/testing/Runs.ts"
import { WORKLOADS } from "../plan/Plan.ts"
import { linesOf } from "./HistoryFile.ts"
import type { Operation } from "./Operation.ts"

/**
 * How a history.jsonl becomes a history of Porcupine (github.com/anishathalye/porcupine), a checker in Go that others
 * wrote, whose verdicts are compared with ours:
 *
 * - one porcupine.Operation for each `invoke` but those that end in `fail`: ClientId is `process`, Call and Return the numbers of
 *   the two lines (`index`, which orders even what has the same time), Input is {f, value} of the invoke, Output is {value} of the
 *   completion;
 * - what ends in `info` or not at all returns after everything else, and its output is unknown: any answer fits;
 * - the model partitions by `client`; Init is the empty session; Step does what Operation.ts says each `f` does.
 */
const program = `package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/anishathalye/porcupine"
)

type line struct {
	Index    int64           \`json:"index"\`
	Process  int             \`json:"process"\`
	Type     string          \`json:"type"\`
	F        string          \`json:"f"\`
	Workload string          \`json:"workload"\`
	Client   string          \`json:"client"\`
	Value    json.RawMessage \`json:"value"\`
}

type output struct {
	known bool
	value string
}

// A session: how many increments, the cart, the list of numbers; json.Marshal orders the keys of maps.
type state struct {
	Count int
	Cart  map[string]int
	List  []json.RawMessage
}

func text(value any) string {
	bytes, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(bytes)
}

func step(before state, input line) (state, string) {
	after := state{before.Count, map[string]int{}, append([]json.RawMessage{}, before.List...)}
	for item, count := range before.Cart {
		after.Cart[item] = count
	}
	var item string
	switch input.F {
	case "increment":
		after.Count++
	case "append":
		after.List = append(after.List, input.Value)
		return after, text(len(after.List))
	case "add", "remove":
		if err := json.Unmarshal(input.Value, &item); err != nil {
			panic(err)
		}
		if input.F == "add" {
			after.Cart[item]++
		} else {
			delete(after.Cart, item)
		}
	}
	switch input.Workload {
	case "cart":
		return after, text(after.Cart)
	case "ledger":
		return after, text(after.List)
	}
	return after, text(after.Count)
}

func normal(value json.RawMessage) string {
	var any any
	if err := json.Unmarshal(value, &any); err != nil {
		panic(err)
	}
	return text(any)
}

var model = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byClient := map[string][]porcupine.Operation{}
		for _, one := range history {
			client := one.Input.(line).Client
			byClient[client] = append(byClient[client], one)
		}
		parts := [][]porcupine.Operation{}
		for _, part := range byClient {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return text(state{0, map[string]int{}, []json.RawMessage{}}) },
	Step: func(before, input, out any) (bool, any) {
		var was state
		if err := json.Unmarshal([]byte(before.(string)), &was); err != nil {
			panic(err)
		}
		after, answer := step(was, input.(line))
		return !out.(output).known || out.(output).value == answer, text(after)
	},
}

func check(name string) string {
	file, err := os.Open(name)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	running := map[int]line{}
	history := []porcupine.Operation{}
	add := func(invoke line, end int64, out output) {
		history = append(history, porcupine.Operation{ClientId: invoke.Process, Input: invoke, Call: invoke.Index, Output: out, Return: end})
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	for lines.Scan() {
		var one line
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			panic(err)
		}
		invoke := running[one.Process]
		switch one.Type {
		case "invoke":
			running[one.Process] = one
			continue
		case "ok":
			add(invoke, one.Index, output{true, normal(one.Value)})
		case "info":
			add(invoke, math.MaxInt64, output{})
		}
		delete(running, one.Process)
	}
	for _, invoke := range running {
		add(invoke, math.MaxInt64, output{})
	}
	return string(porcupine.CheckOperationsTimeout(model, history, 20*time.Second))
}

func main() {
	for _, name := range os.Args[1:] {
		fmt.Println(check(name))
	}
}
`

const directory = mkdtempSync(join(tmpdir(), "ringstead-porcupine-"))
const binary = join(directory, "judge")
/** Why there is no outside checker here. */
let missing: string | undefined

beforeAll(async () => {
  writeFileSync(join(directory, "main.go"), program)
  writeFileSync(
    join(directory, "go.mod"),
    "module judge\n\ngo 1.21\n\nrequire github.com/anishathalye/porcupine v1.0.0\n",
  )
  const go = (...args: ReadonlyArray<string>) =>
    execa("go", [...args], { cwd: directory, reject: false, timeout: 240_000, env: { GOFLAGS: "-mod=mod" } })
  const built = await go("build", "-o", binary, ".")
  if (built.failed) missing = built.stderr === "" ? built.message : built.stderr
}, 300_000)

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** One answer changed, which may or may not make the history impossible. */
const disturbed = (history: ReadonlyArray<Operation>, seed: number): ReadonlyArray<Operation> => {
  const answers = history.filter(({ type, value }) => type === "ok" && typeof value === "number")
  const chosen = answers[seed % Math.max(1, answers.length)]
  return history.map((one) => (one === chosen ? { ...one, value: Number(one.value) + (seed % 3) - 1 } : one))
}

test("Porcupine says of every history what our search says", { timeout: 300_000 }, async ({ skip }) => {
  skip(missing !== undefined, `Porcupine cannot be built here: ${missing}`)
  const expected: Array<string> = []
  const files: Array<string> = []
  for (let seed = 0; seed < 200; seed++) {
    const workload = WORKLOADS[seed % WORKLOADS.length] ?? "counter"
    const options = {
      seed,
      workload,
      clients: 2,
      processes: 1 + (seed % 3),
      calls: 12,
      lost: 0.1,
      refused: 0.05,
    }
    const history = disturbed(validHistory({ ...options, finalReads: true }), seed)
    const file = join(directory, `${seed}.jsonl`)
    writeFileSync(file, linesOf(history))
    files.push(file)
    expected.push(linearizable(runOf({ history })).outcome === "valid" ? "Ok" : "Illegal")
  }
  const { stdout } = await execa(binary, files, { timeout: 240_000 })
  expect(stdout.split("\n")).toEqual(expected)
  // Both verdicts are there often, or nothing is compared.
  const illegal = expected.filter((one) => one === "Illegal").length
  expect([illegal > 30, illegal < 170]).toEqual([true, true])
})
