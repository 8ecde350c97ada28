/** Panels drawn on the server from the same models as on the page. Needs `@grafana/data`: load it late. */
export type { PanelPictureRequest, PictureLanguage } from './contract.ts';
export { isDrawn, panelSvg } from './panel-svg.ts';
