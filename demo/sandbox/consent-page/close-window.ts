// AuthKit's page polls for the outcome, so there is nobody to tell.
window.close();

export {};
