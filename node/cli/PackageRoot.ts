import { readFileSync } from "node:fs"

/** What our package.json says of itself. */
export interface Manifest {
  readonly name: "ringstead"
  readonly version: string
}

/** The folder of the package this file belongs to: the checkout, or the one that was published (dist). */
export const packageRoot = (): URL => locate().folder

/** The package's own manifest. */
export const manifest = (): Manifest => locate().manifest

const locate = (): { readonly folder: URL; readonly manifest: Manifest } => {
  for (let folder = new URL(".", import.meta.url); ;) {
    const found = readManifest(folder)
    if (found !== undefined) return { folder, manifest: found }
    const parent = new URL("..", folder)
    if (parent.href === folder.href) throw new Error(`no package.json of ringstead above ${import.meta.url}`)
    folder = parent
  }
}

const readManifest = (folder: URL): Manifest | undefined => {
  try {
    const value: unknown = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"))
    return isManifest(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isManifest = (value: unknown): value is Manifest =>
  typeof value === "object" &&
  value !== null &&
  "name" in value &&
  value.name === "ringstead" &&
  "version" in value &&
  typeof value.version === "string"
