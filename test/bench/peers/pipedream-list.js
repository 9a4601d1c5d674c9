export { SelectApp } from '@pipedream/connect-react';
