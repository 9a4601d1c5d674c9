// The window sends no message before it closes: AuthKit's page polls for the outcome.
window.close();

export {};
