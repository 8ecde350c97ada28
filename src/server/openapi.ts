import { type ZodType, z } from 'zod';
import type { AnyApiRoute } from './api-route.ts';

type Json = Readonly<Record<string, unknown>>;

const errorSchema: Json = {
  type: 'object',
  required: ['code', 'message', 'requestId'],
  properties: {
    code: { type: 'string' },
    message: { type: 'string' },
    hint: { type: 'string' },
    details: { type: 'object', additionalProperties: true },
    requestId: { type: 'string' },
  },
};

/** The OpenAPI 3.1 document of our own API, out of the routes' own schemas. */
export function openApiDocument(
  routes: readonly AnyApiRoute[],
  info: { readonly version: string; readonly serverUrl: string },
): Json {
  const paths: Record<string, Record<string, Json>> = {};
  const sorted = [...routes].sort((a, b) => (a.url < b.url ? -1 : a.url > b.url ? 1 : 0));
  for (const route of sorted) {
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}').replace(/\*$/, '{path}');
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Nunchi',
      version: info.version,
      description: 'The API of Nunchi itself. Errors are JSON with a stable code.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: info.serverUrl }],
    security: [{ token: [] }, { session: [] }, { password: [] }],
    paths,
    components: {
      schemas: { Error: errorSchema },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        password: { type: 'http', scheme: 'basic' },
        session: { type: 'apiKey', in: 'cookie', name: 'nunchi_session' },
      },
    },
  };
}

function operation(route: AnyApiRoute): Json {
  const hasJson = route.response !== undefined;
  const success = hasJson || route.streams !== undefined;
  return {
    summary: route.summary,
    operationId: operationId(route),
    tags: [route.tag ?? route.url.split('/')[2] ?? 'nunchi'],
    ...(route.access === 'none' ? { security: [] } : {}),
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: jsonSchema(route.body, 'input') } },
          },
        }),
    responses: {
      [success ? '200' : '204']: {
        description: success ? 'Success' : 'Success, without a body',
        ...(hasJson
          ? { content: { 'application/json': { schema: jsonSchema(route.response!, 'input') } } }
          : route.streams === undefined
            ? {}
            : { content: { [route.streams]: {} } }),
      },
      default: {
        description: 'Any error',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

function parameters(schema: ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return [];
  const object = jsonSchema(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(object.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || (object.required?.includes(name) ?? false),
    schema: property,
  }));
}

function jsonSchema(schema: ZodType, io: 'input' | 'output'): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

function operationId(route: AnyApiRoute): string {
  const words = route.url
    .replace(/^\/nunchi\//, '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  return [route.method.toLowerCase(), ...words.map((w) => w[0]!.toUpperCase() + w.slice(1))].join(
    '',
  );
}
