#!/usr/bin/env bash
# Imports dashboards by their numbers, as scripts for Grafana do it: GRAFANA_URL, GRAFANA_LOGIN (user:password),
# DATASOURCE, and the numbers.
set -euo pipefail
for id in "$@"; do
  dashboard=$(curl -fsS -u "$GRAFANA_LOGIN" "$GRAFANA_URL/api/gnet/dashboards/$id" | jq .json)
  jq -n --argjson dashboard "$dashboard" --arg value "$DATASOURCE" '{
    dashboard: $dashboard, overwrite: true, folderId: 0,
    inputs: [{name: "DS_PROMETHEUS", type: "datasource", pluginId: "prometheus", value: $value}]
  }' | curl -fsS -u "$GRAFANA_LOGIN" -X POST -H 'Content-Type: application/json' -d @- \
    "$GRAFANA_URL/api/dashboards/import"
  echo
done
