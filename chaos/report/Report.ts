import { ACTIONS } from "../check/Coverage.ts"
import type { Results } from "../check/Results.ts"
import { faultText, metFaults, type Run, secondsOf } from "../check/Run.ts"
import { clientTimeline } from "./ClientTimeline.ts"
import { failure } from "./Failure.ts"
import { escaped, htmlTable, msText } from "./Html.ts"
import { latencyChart } from "./LatencyChart.ts"
import { leadership } from "./Leadership.ts"
import { rings } from "./Rings.ts"
import { style } from "./Style.ts"

/** The report of a run: one HTML file that asks for nothing else, and works without scripts. */
export const reportOf = (run: Run, results: Results): string => {
  const { campaign, seed, outcome } = results
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escaped(`${outcome}: ${campaign} ${seed}`)}</title>
<style>${style}</style>
<main>
${header(run, results)}
${failure(run, results)}
<section id="clients"><h2>What each client saw</h2>
<p class="soft">A line where a connection is answered, orange where it waited longer than 250 ms, red where it never heard. Bands are faults: of processes reddish, of links bluish.</p>
${clientTimeline(run)}</section>
<section id="latency"><h2>Latency</h2>
<p class="legend"><span>Black: half of the answers were faster.</span><span>Orange: 99 of 100 were.</span><span>Grey: up to the slowest.</span></p>
${latencyChart(run)}</section>
<section id="leadership"><h2>Who led each cell</h2>${leadership(run)}</section>
<section id="rings"><h2>The ring</h2>
<p class="soft">Peers at their places, each joined to its successor. Dashed: whoever is away, and links that something was done to.</p>
${rings(run)}</section>
<section id="faults"><h2>Faults</h2>${faults(run, results)}</section>
<section id="coverage"><h2>What the faults met</h2>
<p class="soft">How often members of cells took each step of the protocol while such a fault lasted, or was being recovered from.</p>
${coverage(results)}</section>
</main>
</html>
`
}

const header = (run: Run, results: Results): string => {
  const { outcome, why, campaign, seed, counts, latency, gaps, findings } = results
  const { record } = run
  const facts: ReadonlyArray<readonly [string, string]> = [
    ["requests answered", counts.ok.toLocaleString("en")],
    ["outcome unknown", counts.open.toLocaleString("en")],
    ["sessions", counts.sessions.toLocaleString("en")],
    ["faults", String(counts.faults)],
    ["longest gap", gaps[0] === undefined ? "none" : msText(gaps[0].ms)],
    ["median, 99th percentile", latency === null ? "none" : `${msText(latency.p50)}, ${msText(latency.p99)}`],
  ]
  const date = new Date(record.startedMs).toISOString().slice(0, 16).replace("T", " ")
  const where = record.on === "simulator" ? "on a simulated ring" : "on real processes"
  const mutant = record.mutant === null ? "" : `, with the planted fault “${record.mutant}”`
  return `<header>
<h1>${escaped(`${campaign}, seed ${seed}, ${run.plan.peers} peers, ${where}${mutant}, ${date} UTC`)}</h1>
<p class="verdict ${outcome}">${outcome}</p>
<p class="why">${escaped(why.length > 420 ? `${why.slice(0, 420)}…` : why)}</p>
<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`).join("")}</dl>
<pre class="repeat">${escaped(record.command)}</pre>
<ul class="findings">${findings
    .map(
      (finding) =>
        `<li><span class="${finding.outcome}">${finding.outcome}</span><span>${escaped(finding.claim)}</span><span>${escaped(finding.reason)}</span></li>`,
    )
    .join("")}</ul>
</header>`
}

const faults = (run: Run, { recoveries }: Results): string => {
  const rows = metFaults(run).map(({ number, fault, record }) => {
    const recovery = recoveries.find((one) => one.fault === number)
    return [
      String(number),
      record === undefined ? "never" : secondsOf(record.appliedAt, run),
      escaped(faultText(fault)),
      typeof record?.undoneAt === "number" ? msText((record.undoneAt - record.appliedAt) / 1e6) : "",
      timeText(recovery?.servedMs),
      timeText(recovery?.wholeMs),
      escaped(record?.unavailable ?? record?.proof ?? ""),
      escaped(record?.assumption ?? ""),
    ]
  })
  const heads = ["", "at", "fault", "lasted", "longest wait", "whole after", "seen", "breaks the assumption"]
  return htmlTable(heads, rows, new Set([0, 1, 3, 4, 5]))
}

const timeText = (ms: number | null | undefined): string => (typeof ms === "number" ? msText(ms) : "")

const coverage = ({ coverage: { rows } }: Results): string =>
  htmlTable(
    ["fault", "times", ...ACTIONS],
    rows.map(({ verb, faults: count, met }) => [
      verb,
      String(count),
      ...ACTIONS.map((action) => met[action].toLocaleString("en")),
    ]),
    new Set(ACTIONS.map((_, n) => n + 2).concat(1)),
  )
