import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readBotkubeConfig } from './botkube.ts';

const read = (communications: unknown) =>
  readBotkubeConfig([{ file: 'values.yaml', text: JSON.stringify({ communications }) }]);
const channels = { a: { id: '1', name: '#alerts ' } };

describe('chats of a configuration', () => {
  it('are read with the keys of Botkube, tokens of files and defaults beside them', () => {
    const { platforms, problems } = read({
      one: {
        socketSlack: { enabled: 'true', botToken: 'xoxb-1', appToken: 'xapp-1', channels },
        discord: { enabled: true, token: 't', botID: 9, channels },
        mattermost: { enabled: true, url: 'https://m/', token: 't', team: 's', channels },
        teams: { enabled: true, appID: 'a', appPassword: 'p', messagePath: 'bots/x' },
      },
      two: { discord: { enabled: false, token: 't', channels } },
    });
    assert.deepEqual(problems, []);
    const [slack, discord, mattermost, teams] = platforms;
    assert.equal(platforms.length, 4);
    assert.equal(slack?.channels[0]?.name, 'alerts');
    assert.deepEqual(slack?.channels[0]?.bindings, {
      executors: ['k8s-default-tools'],
      sources: ['k8s-err-events', 'k8s-recommendation-events'],
    });
    assert.equal(discord?.channels[0]?.name, '1');
    assert.equal(discord?.kind === 'discord' && discord.botId, '9');
    assert.equal(mattermost?.kind === 'mattermost' && mattermost.url, 'https://m');
    assert.deepEqual(teams, {
      kind: 'teams',
      group: 'one',
      botName: 'Botkube',
      appId: 'a',
      appPassword: 'p',
      tenantId: undefined,
      port: 3978,
      messagePath: '/bots/x',
      openIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
      issuer: 'https://api.botframework.com',
      tokenUrl: 'https://login.microsoftonline.com/botframework.com/oauth2/v2.0/token',
      bindings: {
        executors: ['k8s-default-tools'],
        sources: ['k8s-err-events', 'k8s-recommendation-events'],
      },
      channels: [],
    });
  });

  const wrong: readonly (readonly [kind: string, value: object, problem: string])[] = [
    [
      'slack',
      { token: 'x' },
      'there is no such platform here; there are socketSlack, discord, mattermost, teams',
    ],
    ['socketSlack', { botToken: 'x' }, 'needs botToken (xoxb-…) and appToken (xapp-…)'],
    ['discord', {}, 'needs token, that of the bot'],
    ['mattermost', { url: 'm', token: 't', team: 's' }, '.url: "m" is no http or https address'],
    ['mattermost', { token: 't' }, 'needs url, token and team'],
    ['teams', { appID: 'a' }, 'needs appID and appPassword, those of the Azure bot'],
    ['teams', { appID: 'a', appPassword: 'p', port: 'x' }, '.port: "x" is no port'],
    [
      'teams',
      { appID: 'a', appPassword: 'p', tokenUrl: 'file:///x' },
      '.tokenUrl: "file:///x" is no',
    ],
    ['discord', { token: 't', channels: { a: { name: 'x' } } }, '.channels.a.id: is missing'],
    [
      'discord',
      { token: 't', channels: { a: { id: '1' }, b: { id: 1 } } },
      '.channels.b.id: "1" is a channel of another alias already',
    ],
    [
      'teams',
      { appID: 'a', appPassword: 'p', bindings: { sources: ['x'] } },
      "'x' binding not defined in sources",
    ],
  ];
  for (const [kind, value, problem] of wrong) {
    it(`${kind} ${JSON.stringify(value)}: ${problem}`, () => {
      const { problems } = read({ g: { [kind]: { enabled: true, ...value } } });
      assert.ok(
        problems.some((one) => one.includes(problem) && one.includes(`communications.g.${kind}`)),
        problems.join('\n'),
      );
    });
  }
});
