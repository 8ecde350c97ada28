import type { PictureShelf } from '#picture';
import type { Edge } from '#server';

/** Where a picture is, below the server's own address. */
export const picturePath = (id: string): string => `/nunchi/pictures/${id}.png`;

/**
 * `GET /nunchi/pictures/ID.png`, without a login: the programs of a chat fetch them, and the id is as
 * good as a password.
 */
export function picturesEdge(shelf: PictureShelf): Edge {
  return {
    name: 'pictures',
    register: (app) => {
      app.get<{ Params: { readonly id: string } }>(
        '/nunchi/pictures/:id.png',
        { config: { access: 'none' } },
        async ({ params }, reply) => {
          const png = await shelf.get(params.id);
          if (png === undefined) return reply.code(404).type('text/plain').send('no such picture');
          return reply
            .type('image/png')
            .header('cache-control', 'private, max-age=86400, immutable')
            .header('x-robots-tag', 'noindex')
            .send(png);
        },
      );
    },
  };
}
