/** An integration of the sandbox. All are real products, so the demo and tests see realistic names, lengths and counts. */
export interface Integration {
  /** Pica's id of the connection definition. AuthKit's `selectedConnection` accepts it in place of the name. */
  definitionId: number;
  platform: string;
  name: string;
  category: string;
  description: string;
  /** `false`: the user types an API key. There is no consent page. */
  oauth: boolean;
  /** `false`: disabled in the Pica account, so AuthKit's page does not offer it. */
  active: boolean;
}

// Category → [start of the description, product names]. A platform id is the name in kebab-case, unless '=' gives another.
const catalogue: Record<string, [topic: string, names: string]> = {
  CRM: [
    'Contacts, companies and deals',
    `HubSpot, Salesforce, Pipedrive, Zoho CRM, Attio, Close, Copper, Freshsales, Insightly, Keap, Nimble, Nutshell,
     Microsoft Dynamics 365, SugarCRM=sugar-crm, Streak, Capsule CRM, Affinity, Folk, Less Annoying CRM, monday CRM`,
  ],
  Communication: [
    'Messages and channels',
    `Slack, Microsoft Teams, Discord, Telegram, WhatsApp Business, Twilio, Vonage, MessageBird, Plivo, Sinch,
     Mattermost, Rocket.Chat, Webex, RingCentral, Aircall, Dialpad, OpenPhone, Google Chat`,
  ],
  Email: [
    'Mail, drafts and labels',
    `Gmail, Outlook Mail, SendGrid, Mailgun, Postmark, Resend, Amazon SES, Zoho Mail, Fastmail, Mailjet, Brevo, SparkPost, Front`,
  ],
  Calendar: [
    'Events and availability',
    'Google Calendar, Outlook Calendar, Calendly, Cal.com, Acuity Scheduling, Zoho Calendar, SavvyCal, Microsoft Bookings',
  ],
  Storage: [
    'Files and folders',
    `Google Drive, Dropbox, OneDrive=one-drive, Box, SharePoint=share-point, Amazon S3, Backblaze B2, Egnyte, pCloud,
     Cloudflare R2, Google Cloud Storage, Azure Blob Storage, Wasabi, Nextcloud`,
  ],
  Accounting: [
    'Invoices, bills and ledgers',
    `QuickBooks Online=quickbooks, Xero, FreshBooks, Sage Intacct, Zoho Books, Wave, NetSuite, MYOB,
     Exact Online, FreeAgent, Bill.com=bill, Expensify, Ramp, Brex`,
  ],
  Payments: [
    'Payments, payouts and subscriptions',
    'Stripe, PayPal, Square, Adyen, Braintree, Mollie, Razorpay, GoCardless, Paddle, Chargebee, Recurly, Lemon Squeezy, Wise, Plaid',
  ],
  'E-commerce': [
    'Products, orders and customers',
    `Shopify, WooCommerce, BigCommerce, Magento, Amazon Seller Central, eBay, Etsy, Ecwid, PrestaShop,
     Squarespace Commerce, Wix, ShipStation, Shippo, Printful, Gumroad`,
  ],
  'Customer Support': [
    'Tickets and conversations',
    `Zendesk, Intercom, Freshdesk, Help Scout, Gorgias, Zoho Desk, Kustomer, HubSpot Service Hub, LiveChat, Crisp, Drift,
     ServiceNow, Jira Service Management, Plain`,
  ],
  'Project Management': [
    'Projects, tasks and boards',
    `Asana, Trello, Jira, Linear, monday.com=monday, ClickUp, Basecamp, Wrike, Smartsheet, Teamwork, Todoist, Height, Shortcut,
     Microsoft Planner, Microsoft To Do, Google Tasks, TickTick, Harvest, Toggl Track, Clockify`,
  ],
  'Documents & Notes': [
    'Pages, documents and tables',
    `Notion, Confluence, Google Docs, Google Sheets, Microsoft Excel, Microsoft Word, Airtable, Coda, Evernote, Microsoft OneNote=onenote,
     Quip, Slab, Guru, Google Slides`,
  ],
  Marketing: [
    'Audiences, campaigns and journeys',
    `Mailchimp, Klaviyo, ActiveCampaign, Kit, Customer.io, Braze, Iterable, Marketo, Omnisend, Drip, GetResponse,
     Constant Contact, Beehiiv, Google Ads, Meta Ads, LinkedIn Ads`,
  ],
  'Social Media': [
    'Posts, comments and followers',
    'LinkedIn, X (Twitter)=twitter, Facebook Pages, Instagram Business, YouTube, TikTok, Pinterest, Reddit, Threads, Bluesky, Mastodon, Buffer',
  ],
  'Developer Tools': [
    'Repositories, builds and incidents',
    `GitHub, GitLab, Bitbucket, Azure DevOps, Vercel, Netlify, Sentry, Datadog, PagerDuty, CircleCI, Docker Hub,
     Cloudflare, DigitalOcean, Heroku, New Relic, LaunchDarkly, Postman, npm`,
  ],
  AI: [
    'Models, agents and searches',
    `OpenAI, Anthropic, Exa, Gemini, Mistral AI, Cohere, Perplexity, ElevenLabs, Hugging Face, Replicate, Tavily, Firecrawl,
     Pinecone, Together AI, Groq, DeepL, AssemblyAI`,
  ],
  Analytics: [
    'Events, funnels and reports',
    'Google Analytics, Mixpanel, Amplitude, Segment, PostHog, Heap, Looker, Tableau, Power BI, Metabase, Plausible',
  ],
  Databases: [
    'Tables, documents and queries',
    'PostgreSQL, MySQL, MongoDB, Supabase, Firebase, Snowflake, BigQuery, Databricks, Redis, Elasticsearch, Algolia, Neon',
  ],
  HR: [
    'People, time off and payroll',
    'BambooHR, Workday, Gusto, Rippling, ADP Workforce Now, Deel, Personio, HiBob, Greenhouse, Lever, Ashby, Workable, Namely',
  ],
  'Forms & Signatures': [
    'Responses, documents and signatures',
    'Typeform, Google Forms, Jotform, SurveyMonkey, Tally, Docusign, Dropbox Sign, PandaDoc, Adobe Acrobat Sign, Formstack',
  ],
  'Design & Content': [
    'Files, sites and entries',
    'Figma, Canva, Miro, Webflow, WordPress, Contentful, Sanity, Ghost, Storyblok, Cloudinary, Unsplash, Lucidchart',
  ],
  Meetings: [
    'Meetings, recordings and transcripts',
    'Zoom, Google Meet, Gong, Fireflies.ai=fireflies, Otter.ai=otter, Loom, Fathom, Eventbrite, GoTo Webinar',
  ],
};

const withApiKey = new Set(
  `openai anthropic exa sendgrid mailgun postmark resend mistral-ai cohere perplexity elevenlabs tavily firecrawl pinecone
   together-ai groq deepl assemblyai algolia posthog`.split(/\s+/),
);

// Both products have been discontinued, so a real account would have them disabled too.
const inactive = new Set(['height', 'drift']);

const kebab = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

const firstDefinitionId = 1001;

export const integrations: readonly Integration[] = Object.entries(catalogue)
  .flatMap(([category, [topic, names]]) =>
    names.split(/,\s+/).map((entry) => {
      const [name = '', platform = kebab(name)] = entry.split('=');
      return { category, topic, name, platform };
    }),
  )
  .map(({ category, topic, name, platform }, index) => ({
    definitionId: firstDefinitionId + index,
    platform,
    name,
    category,
    description: `${topic} in ${name}.`,
    oauth: !withApiKey.has(platform),
    active: !inactive.has(platform),
  }))
  .sort((a, b) => a.name.localeCompare(b.name, 'en'));

const byPlatform = new Map(integrations.map((integration) => [integration.platform, integration]));

export const integrationOf = (platform: string) => byPlatform.get(platform);
