/** The part of passport-openidconnect 0.1 that the journeys use; it brings no types. */
declare module 'passport-openidconnect' {
  import type { Request } from 'express';

  type Profile = { id: string; displayName: string; emails: { value: string }[] };
  type Options = {
    issuer: string;
    authorizationURL: string;
    tokenURL: string;
    userInfoURL: string;
    clientID: string;
    clientSecret: string;
    callbackURL: string;
    scope: string[];
    nonce: boolean;
    skipUserProfile: boolean;
  };
  type Verified = (error: Error | null, user?: Profile) => void;
  type Verify = (issuer: string, profile: Profile, verified: Verified) => void;

  export default class Strategy {
    constructor(options: Options, verify: Verify);
    authenticate(request: Request & { session: object }): void;
    redirect: (url: string) => void;
    success: (user: Profile) => void;
    fail: (challenge: unknown) => void;
    error: (error: Error) => void;
  }
}
