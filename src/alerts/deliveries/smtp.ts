import { createTransport } from 'nodemailer';
import type { SendMail } from './digest.js';

const TIMEOUT_MS = 20_000;

/** Mail through the server at `url` (`smtps://user:password@host:465`). */
export function sendThrough(url: string): SendMail {
  const transport = createTransport({
    url,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // A mail is made of our text only: nothing in it may name a file or an address to read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return async (mail) => {
    await transport.sendMail(mail);
  };
}
