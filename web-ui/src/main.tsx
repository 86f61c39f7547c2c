/** Starts the web interface. */
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { createQueryClient } from './app/queryClient';
import { createRouter } from './app/router';
import './locales/i18n';
import './ui/tokens.css';

async function start(): Promise<void> {
  if (import.meta.env.MODE === 'mock') await (await import('../mock/browser')).startMock();
  const root = document.getElementById('root');
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={createQueryClient()}>
        <RouterProvider router={createRouter()} />
      </QueryClientProvider>
    </StrictMode>,
  );
}

void start();
