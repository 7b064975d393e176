export type Permission = NotificationPermission | 'unsupported' | 'install_first';

/** Notifications need a secure page; on an iPhone also that the client was put on the home screen. */
export function permission(): Permission {
  if ('Notification' in window && 'serviceWorker' in navigator) return Notification.permission;
  return /iPhone|iPad/.test(navigator.userAgent) ? 'install_first' : 'unsupported';
}

/** Only ever after a press: a page that asks on its own is refused, and rightly so. */
export async function askPermission(): Promise<Permission> {
  await Notification.requestPermission();
  return permission();
}
