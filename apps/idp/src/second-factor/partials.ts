/** How an authenticator is set up, the same in a sign-in and in the account. */
export const secondFactorPartials = { 'authenticator-steps': new URL('./authenticator-steps.hbs', import.meta.url) };
