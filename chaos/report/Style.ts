/** Colours and type of a report. Peers have the colours of Okabe and Ito, which people who see few colours tell apart. */
export const style = `
:root { color-scheme: light dark; --paper: #fbfaf7; --card: #fff; --ink: #1f2328; --soft: #6b7078; --line: #e4e1da;
  --good: #2f7d4f; --bad: #b3261e; --doubt: #9a6a00; --answered: #9db8a6; --waited: #d98e04; --link: #5b7fb5; --process: #b5655b }
@media (prefers-color-scheme: dark) { :root { --paper: #15171a; --card: #1c1f23; --ink: #e6e4df; --soft: #9a9fa8; --line: #30343a;
  --good: #7cc79a; --bad: #ff8a80; --doubt: #e6b450; --answered: #47614f; --waited: #f0b040; --link: #7fa3d9; --process: #d98a80 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  font-variant-numeric: tabular-nums }
main { max-width: 1140px; margin: 0 auto; padding: 3rem 2rem 5rem }
h1, h2, .verdict { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, serif; font-weight: 500; letter-spacing: -.01em }
h1 { margin: 0; font-size: 1.05rem; color: var(--soft); letter-spacing: 0 }
.verdict { margin: .15rem 0 .35rem; font-size: 3.6rem; line-height: 1.05 }
.verdict.valid { color: var(--good) } .verdict.invalid { color: var(--bad) } .verdict.unknown { color: var(--doubt) }
.why { margin: 0 0 1.6rem; font-size: 1.15rem; line-height: 1.45; max-width: 50rem; overflow-wrap: anywhere }
h2 { margin: 3.2rem 0 .4rem; font-size: 1.5rem } h3 { margin: 1.4rem 0 .2rem; font-size: 1rem } h4 { margin: 1.2rem 0 .3rem; font-size: .9rem; color: var(--soft); font-weight: 600 }
p { max-width: 50rem; margin: .3rem 0 .8rem } .soft { color: var(--soft) }
dl.facts { display: flex; flex-wrap: wrap; gap: 1.1rem 2.6rem; margin: 0 0 1.4rem; padding: 1rem 0; border-block: 1px solid var(--line) }
dl.facts div { display: flex; flex-direction: column-reverse } dl.facts dt { color: var(--soft); font-size: .8rem } dl.facts dd { margin: 0; font-size: 1.35rem; line-height: 1.2 }
pre { margin: 0; padding: .7rem .9rem; background: var(--card); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto }
code, pre { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace }
ul.findings { list-style: none; margin: 1.4rem 0 0; padding: 0 } ul.findings li { display: grid; grid-template-columns: 5.2rem 15rem 1fr; gap: 0 1rem; padding: .45rem 0; border-top: 1px solid var(--line) }
ul.findings span:last-child { color: var(--soft); overflow-wrap: anywhere } ul.findings .valid { color: var(--good) } ul.findings .invalid { color: var(--bad); font-weight: 600 } ul.findings .unknown { color: var(--doubt); font-weight: 600 }
.scroll { overflow-x: auto; max-width: 100% } table { border-collapse: collapse; font-size: .87rem; min-width: 40% }
th { text-align: left; font-weight: 500; color: var(--soft); padding: .25rem 1.4rem .25rem 0; border-bottom: 1px solid var(--line); white-space: nowrap }
td { padding: .28rem 1.4rem .28rem 0; border-bottom: 1px solid var(--line); vertical-align: top } .number { text-align: right; white-space: nowrap } td.zero { color: var(--soft) }
article { border-left: 3px solid var(--bad); padding-left: 1.1rem; margin: 1rem 0 2rem } .what { font-size: 1.05rem; overflow-wrap: anywhere }
mark { background: color-mix(in srgb, var(--waited) 35%, transparent); color: inherit; padding: 0 .2rem; border-radius: 3px } .info, .open { color: var(--doubt) } .fail { color: var(--bad) }
svg { display: block; font-size: 11px; font-family: inherit; overflow: visible } svg text { fill: var(--soft) } .tick line { stroke: var(--line) } line.grid { stroke: var(--line) }
.name { font-size: 9.5px } .band rect { fill-opacity: .13 } .band.link rect { fill: var(--link) } .band.process rect { fill: var(--process) } .band:hover rect { fill-opacity: .3 }
path.answered { stroke: var(--answered); stroke-width: 3; fill: none } rect.waited { fill: var(--waited) } rect.open { fill: var(--bad) } rect.fail { fill: var(--bad); fill-opacity: .6 }
path.p50 { stroke: var(--ink); stroke-width: 1.6; fill: none } path.p99 { stroke: var(--waited); stroke-width: 1.4; fill: none } path.spread { fill: var(--soft); fill-opacity: .13 }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; color: var(--soft); font-size: .87rem } .legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px; vertical-align: -.05em }
.rings { display: flex; flex-wrap: wrap; gap: 1rem 2rem } figure { margin: 0; width: 300px } figcaption { font-size: .87rem; color: var(--soft); text-align: center; overflow-wrap: anywhere } figcaption b { color: var(--ink); font-weight: 600 }
circle.circle { fill: none; stroke: var(--line); stroke-width: 1.5 } line.successor { stroke: var(--soft); stroke-width: 1.4 } line.cut { stroke: var(--bad); stroke-width: 1; stroke-dasharray: 3 4; stroke-opacity: .6 } circle.away { fill: var(--paper); stroke: var(--soft); stroke-dasharray: 2 2 }
${["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a900", "#8c6bb1"]
  .map((colour, n) => `.peer${n} { fill: ${colour}; background: ${colour} }`)
  .join("\n")}
@media (max-width: 50rem) { main { padding: 1.5rem 1rem } .verdict { font-size: 2.6rem } ul.findings li { grid-template-columns: 5.2rem 1fr } ul.findings span:last-child { grid-column: 1 / -1 } }
@media print { :root { color-scheme: light } .scroll { overflow: visible } }
`
