// The few commands of W3C WebDriver that the tests use, over fetch. https://www.w3.org/TR/webdriver2/
import { until, within } from './process.js';

export interface Session {
  command(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
}

const LIMIT = 130_000;

/** Opens a session at a driver once it listens. */
export async function openSession(driver: string, capabilities: object): Promise<Session> {
  await until('WebDriver', 20_000, async () => {
    const response = await fetch(`${driver}/status`).catch(() => undefined);
    return response?.ok || undefined;
  });
  const { sessionId } = (await send(driver, 'POST', '/session', {
    capabilities: { alwaysMatch: capabilities },
  })) as { sessionId: string };
  return { command: (method, path, body) => send(driver, method, `/session/${sessionId}${path}`, body) };
}

async function send(driver: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const request = fetch(`${driver}${path}`, {
    method,
    ...(method === 'POST' && { body: JSON.stringify(body ?? {}), headers: { 'content-type': 'application/json' } }),
  });
  const response = await within(LIMIT, `WebDriver's ${method} ${path}`, request);
  const { value } = (await response.json()) as { value: unknown };
  if (!response.ok) {
    const { error, message } = value as { error: string; message: string };
    throw new Error(`WebDriver's ${method} ${path}: ${error}: ${message}`);
  }
  return value;
}
