/**
 * Why a document is refused. Codes: `DASHBOARD_NOT_JSON`, `DASHBOARD_INVALID`, `DASHBOARD_TOO_LARGE`,
 * `DASHBOARD_INPUT_MISSING`, `DASHBOARD_UID_INVALID`. Not an AppError of the server: this module runs
 * in browsers too.
 */
export class DashboardError extends Error {
  readonly code: string;
  /** Where in the document: `panels[3].gridPos`; `''` is the document itself. */
  readonly path: string;

  constructor(code: string, path: string, message: string) {
    super(path === '' ? message : `${path}: ${message}`);
    this.name = 'DashboardError';
    this.code = code;
    this.path = path;
  }
}
