/** The mark of the product. */
export function Logo({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
      <rect width="32" height="32" rx="8" fill="#0b6a75" />
      <rect x="6" y="8" width="20" height="12" rx="3" fill="#fff" />
      <circle cx="12.5" cy="14" r="2.2" fill="#0b6a75" />
      <circle cx="19.5" cy="14" r="2.2" fill="#0b6a75" />
      <rect x="9" y="23" width="14" height="2.5" rx="1.25" fill="#fff" opacity="0.75" />
    </svg>
  );
}
