import { DatabaseSync } from "node:sqlite"
import { FlushMark } from "../FlushMark.ts"
import { databaseIn, markIn } from "../JournalDatabase.ts"
import { foundJournal } from "../JournalStore.ts"

/** The rows of a journal of version 1 with a record and two entries in cell 3, as they were written then. */
const ROWS: ReadonlyArray<readonly [seq: number, before: string, text: string, after: string]> = [
  [
    1,
    "02",
    '{"cell":3,"role":"member","epoch":2,"view":[{"id":"1111111111111111111111111111111111111111","incarnation":1,"name":"ash","ring":"127.0.0.1:20001","http":"127.0.0.1:20002"}],"base":{"length":0,"head":"0000000000000000000000000000000000000000000000000000000000000000"},"ballot":null,"accepted":null,"next":null}',
    "c79623f4",
  ],
  [
    3,
    "010300289bdf829b4a3026079a3ea08973b1972d124e7eaf2233c603143dc63b50d25790ad7a76ecacb796be2e6040e503ef6f33698a16ff58fe9c3d80e52cf83def5b010505050505112ce015",
    "",
    "",
  ],
  [
    4,
    "01030145b3214c8ef3dc5037ec46ec0c2ce243cef4e836412a77797caae4d3fcf1d913657286708e9fd6b7118f122da48edc7b49f967cd16dae1c3d5fb8946dacbdcc301070707070707551a3997",
    "",
    "",
  ],
  [5, "040203a0fbf4ee12184ac666", "", ""],
]

/** Two groups of writes came before; their entries are of 5 and of 6 bytes. */
const BATCH = 2

export const olderJournal = (directory: string): void => {
  foundJournal(directory)
  const database = new DatabaseSync(databaseIn(directory))
  database.exec("PRAGMA user_version = 1")
  const insert = database.prepare("INSERT INTO journal VALUES (?, ?)")
  for (const [seq, before, text, after] of ROWS) {
    insert.run(seq, Buffer.concat([Buffer.from(before, "hex"), Buffer.from(text), Buffer.from(after, "hex")]))
  }
  database.close()
  new FlushMark(markIn(directory), BATCH).close()
}
