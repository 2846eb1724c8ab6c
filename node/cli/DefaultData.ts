/** Where `up` keeps a ring unless told otherwise, and where the commands that look at one find it. */
export const DEFAULT_DATA = ".ringstead"
