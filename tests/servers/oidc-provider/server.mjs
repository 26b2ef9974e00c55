// panva's oidc-provider, the strict one. It has no password grant of its own
// and a place to register one: that handler is ours, and whatever comes before
// and after it (bodies, client authentication, grants allowed, tokens, errors)
// is the library's.
//
// What it does in its own way:
// - HTTP Basic must be form-encoded as RFC 6749, 2.3.1 says. What cannot be
//   decoded is answered 400 invalid_request, not invalid_client.
// - A secret in the body is taken too, whichever of the two is registered.
// - A body that is no form, or is longer than 56 KiB, is answered 400
//   invalid_request.
// - A grant that the client may not use is answered 400 invalid_request.
// - Why a grant was refused it keeps to itself: "grant request is invalid".
// - A refresh token that comes a second time ends every token of its sign-in.
//
// Environment: AT_TTL, the lifetime of access tokens in seconds; ROTATE=0, to
// keep refresh tokens; SLASH=/, to have one at the end of the issuer.

import { errors, Provider } from 'oidc-provider';
import { listen } from '../listen.mjs';

const USERS = new Map([
  ['alice', { password: 'wonderland', name: 'Alice Liddell' }],
  ['bøb', { password: 'p&s=w+r%d é€', name: 'Bøb' }],
  ['long', { password: 'é'.repeat(9000), name: 'Long' }], // more than one TLS record
]);

const base = {
  grant_types: ['password', 'refresh_token', 'client_credentials'],
  redirect_uris: [],
  response_types: [],
  scope: 'openid profile offline_access',
};

const CLIENTS = [
  { ...base, client_id: 'app', client_secret: 'appsecret' },
  { ...base, client_id: 'hard', client_secret: 's:e c%r+t/&' },
  {
    ...base,
    client_id: 'pub',
    grant_types: ['password', 'refresh_token'],
    token_endpoint_auth_method: 'none',
  },
  {
    ...base,
    client_id: 'machine',
    client_secret: 'machinesecret',
    grant_types: ['client_credentials'],
  },
];

/** The password grant: RFC 6749, 4.3.2. */
async function passwordGrant(ctx) {
  const { client, params, provider } = ctx.oidc;
  if (!params.username || !params.password) {
    throw new errors.InvalidRequest('username and password are needed');
  }
  const user = USERS.get(params.username);
  if (!user || user.password !== params.password) {
    throw new errors.InvalidGrant('unknown user or wrong password');
  }
  const scope = params.scope ?? '';
  const allowed = client.scope.split(' ');
  const refused = scope.split(' ').find((name) => name && !allowed.includes(name));
  if (refused) {
    throw new errors.InvalidScope('requested scope is not allowed', refused);
  }

  const accountId = params.username;
  const grant = new provider.Grant({ clientId: client.clientId, accountId });
  if (scope) grant.addOIDCScope(scope);
  const grantId = await grant.save();
  const { nonce } = params;
  const common = { accountId, client, grantId, gty: 'password', scope, nonce };

  const accessToken = new provider.AccessToken(common);
  const answer = {
    access_token: await accessToken.save(),
    expires_in: accessToken.expiration,
    refresh_token: await new provider.RefreshToken({ ...common, rotations: 0 }).save(),
    scope: scope || undefined,
    token_type: accessToken.tokenType,
  };
  if (scope.split(' ').includes('openid')) {
    const idToken = new provider.IdToken({ sub: accountId, name: user.name }, { ctx });
    idToken.scope = scope;
    idToken.set('nonce', nonce);
    idToken.set('at_hash', answer.access_token);
    answer.id_token = await idToken.issue({ use: 'idtoken' });
  }
  ctx.body = answer;
}

await listen((origin) => {
  const provider = new Provider(origin + (process.env.SLASH ?? ''), {
    clients: CLIENTS,
    claims: { openid: ['sub'], profile: ['name'] },
    // "offline_access" brings the refresh_token grant with it; "admin" is
    // known to the server and allowed to no client.
    scopes: ['openid', 'profile', 'offline_access', 'admin'],
    clockTolerance: 0, // or tokens live 15 seconds longer than it says
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      revocation: { enabled: true },
    },
    ttl: {
      AccessToken: Number(process.env.AT_TTL ?? 3600),
      ClientCredentials: 600,
      Grant: 86400,
      IdToken: 3600,
      RefreshToken: 86400,
    },
    rotateRefreshToken: process.env.ROTATE !== '0',
    findAccount: async (_, id) =>
      USERS.has(id) && { accountId: id, claims: async () => ({ sub: id, name: USERS.get(id).name }) },
  });
  provider.registerGrantType('password', passwordGrant, ['username', 'password', 'scope', 'nonce']);
  provider.on('server_error', (_, error) => console.error(error));
  return provider.callback();
});
