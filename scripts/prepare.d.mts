/** Installs the packages where they are missing or older than the lockfile. */
export function installIfNeeded(): Promise<void>;
/** Generates the database client where the schema is newer. */
export function generateIfNeeded(): Promise<void>;
/** Builds the site where its sources are others than those of the last build. */
export function buildIfNeeded(): Promise<void>;
