//! The list of every variable: it drives the reading, `.env.example` and `doctor`.

/// One variable of the environment.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its value when it is not set.
    pub default: Option<&'static str>,
    /// Whether it must never be shown. A secret may also come from the file that
    /// `<name>_FILE` names.
    pub is_secret: bool,
}

/// Every variable the program reads.
pub const VARIABLES: &[Variable] = &[
    plain("HTTP_ADDR", "127.0.0.1:8080"),
    unset("PUBLIC_URL"),
    Variable {
        name: "DATABASE_URL",
        default: Some("sqlite://data/sipbrewery.db"),
        is_secret: true,
    },
    plain("DATABASE_MAX_CONNECTIONS", "10"),
    secret("WHATSAPP_APP_SECRET"),
    secret("WHATSAPP_VERIFY_TOKEN"),
    secret("WHATSAPP_ACCESS_TOKEN"),
    unset("WHATSAPP_PHONE_NUMBER_ID"),
    unset("WHATSAPP_WABA_ID"),
    plain("WHATSAPP_API_BASE_URL", "https://graph.facebook.com"),
    plain("WHATSAPP_API_VERSION", "v24.0"),
    plain("WHATSAPP_MESSAGES_PER_SECOND", "80"),
    plain("WHATSAPP_READ_RECEIPTS", "typing"),
    secret("WHATSAPP_FORM_KEY"),
    plain("WHATSAPP_FORM_ERRORS", "sealed"),
    plain("SANDBOX", "auto"),
    secret("DATA_KEY"),
    plain("DISTRIBUTOR_NAME", "Demo Distributor"),
    plain("DISTRIBUTOR_ARN", "ARN-000000"),
    unset("DISTRIBUTOR_EUIN"),
    plain("GRIEVANCE_CONTACT", "grievance@example.invalid"),
    plain("ORDER_GATEWAY", "auto"),
    secret("GATEWAY_WEBHOOK_SECRET"),
    unset("PAPER_EXCHANGE_URL"),
    secret("PAPER_EXCHANGE_TOKEN"),
    unset("BSE_BASE_URL"),
    unset("BSE_MEMBER"),
    unset("BSE_USERNAME"),
    secret("BSE_PASSWORD"),
    unset("BSE_PAYLOADS"),
    secret("BSE_PRIVATE_KEY"),
    secret("BSE_EXCHANGE_KEY"),
    unset("BSE_V2_CALLS"),
    unset("BSE_SWITCH_TARGET_KEY"),
    unset("BSE_ALL_UNITS_KEY"),
    unset("BSE_SWITCH_IN_KEY"),
    unset("BSE_PLAN_AHEAD_KEYS"),
    unset("BSE_MANDATE_REFERENCE_KEY"),
    unset("BSE_PLAN_CHANGE_EVENT"),
    unset("BSE_WEBHOOK_SIGNATURE"),
    unset("BSE_NOMINEE_TEMPLATE"),
    unset("BSE_RELATION_CODES"),
    unset("BSE_UCC_TEMPLATE"),
    secret("SMTP_URL"),
    unset("EMAIL_FROM"),
    plain("QUIET_HOURS", "21:00-08:00"),
    unset("LLM_BASE_URL"),
    secret("LLM_API_KEY"),
    unset("LLM_MODEL"),
    unset("LLM_FALLBACK_BASE_URL"),
    secret("LLM_FALLBACK_API_KEY"),
    unset("LLM_FALLBACK_MODEL"),
    plain("LLM_RUPEES_PER_MILLION", "0,0"),
    plain("LLM_DAILY_TOKENS", "30000,3000000"),
    plain("LLM_DAILY_RUPEES", "5,500"),
    unset("NAV_SOURCE_URL"),
    unset("INDEX_SOURCE"),
    plain("NOMINEE_LIMIT", "3"),
    plain("RETENTION_DAYS", "2922"),
    unset("MEDIA_FOLDER"),
    plain("LOG_FORMAT", "auto"),
    plain("RUST_LOG", "info"),
];

/// Returns the variable called `name`.
pub(super) fn named(name: &str) -> &'static Variable {
    VARIABLES
        .iter()
        .find(|variable| variable.name == name)
        .expect("every name that is read is in the list")
}

const fn plain(name: &'static str, default: &'static str) -> Variable {
    Variable {
        name,
        default: Some(default),
        is_secret: false,
    }
}

const fn unset(name: &'static str) -> Variable {
    Variable {
        name,
        default: None,
        is_secret: false,
    }
}

const fn secret(name: &'static str) -> Variable {
    Variable {
        name,
        default: None,
        is_secret: true,
    }
}
