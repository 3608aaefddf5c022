import type { Logger } from "#node/interface/logger.ts";

export const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => SILENT };
