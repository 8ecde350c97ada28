export {
  bundledDashboard,
  shippedByCatalogueId,
  shippedDashboards,
  shippedFolder,
} from './shipped.ts';
