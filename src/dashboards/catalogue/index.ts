/** Dashboards by their number, out of a catalogue such as grafana.com's. */
export {
  Catalogue,
  type CatalogueDashboard,
  type CatalogueDeps,
  type CatalogueOptions,
} from './catalogue.ts';
