const BROWSERS = ['Firefox', 'Edg', 'OPR', 'Chrome', 'Safari'] as const;
const SYSTEMS = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac', 'Linux'] as const;

/** How this device appears in the list of devices, such as "Firefox, Linux". */
export function deviceName(agent: string = navigator.userAgent): string {
  const browser = BROWSERS.find((name) => agent.includes(name))
    ?.replace('Edg', 'Edge')
    .replace('OPR', 'Opera');
  const system = SYSTEMS.find((name) => agent.includes(name));
  return [browser, system].filter(Boolean).join(', ') || 'Web';
}
