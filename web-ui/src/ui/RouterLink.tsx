/** Lets links of `src/ui` go through whatever router the application has. */
export { RouterProvider } from 'react-aria-components';
