import { applyFieldOverrides, type DataFrame, type GrafanaTheme2 } from '@grafana/data';
import type { FieldConfig, Panel } from '#dashboards/model';
import { configRegistry } from './config-registry.ts';
import type { Interpolate } from './contract.ts';
import { grafanaTheme } from './grafana-theme.ts';
import { lenientConfig } from './lenient-config.ts';
import { withMacros } from './link-macros.ts';
import { resolvedLink } from './links.ts';
import { transformed } from './transform/transform.ts';

/** What a panel draws: transformed frames whose fields know their display, colour and links. */
export interface PanelFields {
  readonly frames: DataFrame[];
  readonly theme: GrafanaTheme2;
  /** Transformations that could not run, in words. */
  readonly problems: readonly string[];
}

export interface FieldsRequest {
  readonly panel: Panel;
  readonly frames: readonly DataFrame[];
  readonly interpolate: Interpolate;
  readonly timeZone: string;
  readonly isDark: boolean;
  /** Of the panel's type, where its config leaves it open. */
  readonly defaults: FieldConfig;
}

/** From answers to fields: transformations, then defaults and overrides. Answers stay as they are. */
export function panelFields(request: FieldsRequest): PanelFields {
  const { panel, interpolate, timeZone, isDark } = request;
  const theme = grafanaTheme(isDark);
  const { frames, problems } = transformed(
    panel.transformations ?? [],
    request.frames.map(ownFrame),
    interpolate,
  );
  const fieldConfig = lenientConfig(panel.fieldConfig, request.defaults);
  return {
    theme,
    problems,
    frames: applyFieldOverrides({
      data: [...frames],
      fieldConfig: fieldConfig as never,
      fieldConfigRegistry: configRegistry(fieldConfig),
      replaceVariables: withMacros(interpolate),
      theme,
      timeZone,
      dataLinkPostProcessor: ({ linkModel }) => ({
        ...linkModel,
        href: resolvedLink(linkModel.href),
      }),
    }),
  };
}

/** Names are kept in fields as state: those of another panel with the same answer are not ours. */
export function ownFrame(frame: DataFrame): DataFrame {
  return {
    ...frame,
    fields: frame.fields.map((field) => ({ ...field, config: { ...field.config }, state: {} })),
  };
}
