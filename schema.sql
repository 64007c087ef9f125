-- Energy Flash: the whole database, readable from top to bottom.
--
-- Money is in sun (1 TRX = 1,000,000 sun), energy in units of energy, stake in sun.
-- Every timestamp that a rule about money reads is the chain's time (a block's
-- timestamp); columns named *_at with DEFAULT now() are notes for people.
-- What code could forget, a constraint remembers.

CREATE DOMAIN tron_address AS varchar(42)
    CHECK (VALUE ~ '^T[1-9A-HJ-NP-Za-km-z]{33}$');
CREATE DOMAIN transaction_id AS varchar(64)
    CHECK (VALUE ~ '^[0-9a-f]{64}$');

-- What an operator, or the program itself, remembers between two starts.
CREATE TABLE settings (
    key         text PRIMARY KEY,
    value       jsonb NOT NULL,
    updated_at  timestamptz NOT NULL DEFAULT now()
);

-- People ---------------------------------------------------------------------

CREATE TABLE users (
    id           bigint PRIMARY KEY,                      -- Telegram's user id
    language     varchar(2) NOT NULL CHECK (language IN ('zh', 'en', 'ru')),
    first_name   text NOT NULL DEFAULT '',
    username     text,
    referrer_id  bigint REFERENCES users (id),
    banned_at    timestamptz,
    banned_by    bigint,                                  -- who of the staff
    ban_reason   text NOT NULL DEFAULT '',
    blocked_at   timestamptz,                             -- the user blocked the bot
    note         text NOT NULL DEFAULT '',                -- what staff know about them
    -- Bounds of their own, instead of everybody's.
    day_limit    integer CHECK (day_limit >= 0),          -- orders in a day
    open_limit   integer CHECK (open_limit >= 0),         -- orders that wait for money
    seen_at      timestamptz NOT NULL DEFAULT now(),      -- when they last wrote; to the day
    created_at   timestamptz NOT NULL DEFAULT now(),
    CHECK (banned_at IS NOT NULL OR (banned_by IS NULL AND ban_reason = ''))
);
CREATE INDEX users_username ON users (lower(username)) WHERE username IS NOT NULL;
CREATE INDEX users_banned ON users (id) WHERE banned_at IS NOT NULL;

-- Addresses a user has rented for, offered again as buttons; and those that a signed message
-- proved to be the user's own.
CREATE TABLE addresses (
    user_id       bigint NOT NULL REFERENCES users (id),
    address       tron_address NOT NULL,
    label         text NOT NULL DEFAULT '',
    last_used_at  timestamptz NOT NULL DEFAULT now(),
    bound_at      timestamptz,                            -- proved, at this moment
    PRIMARY KEY (user_id, address)
);
CREATE INDEX addresses_address ON addresses (address);
-- A proof is good for one user: money from this address is theirs.
CREATE UNIQUE INDEX addresses_bound ON addresses (address) WHERE bound_at IS NOT NULL;

-- Whom nothing is sold to: addresses, and people by Telegram's id, whether they were here or not.
CREATE TABLE blacklist (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address     tron_address UNIQUE,
    user_id     bigint UNIQUE,
    reason      text NOT NULL,
    added_by    bigint NOT NULL,                          -- Telegram's id
    created_at  timestamptz NOT NULL DEFAULT now(),
    CHECK ((address IS NULL) <> (user_id IS NULL))
);

-- Programs ---------------------------------------------------------------------

-- What lets a customer's program in. Only the secret's hash is here: it is shown once.
CREATE TABLE api_keys (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id      bigint NOT NULL REFERENCES users (id),
    public_id    varchar(12) NOT NULL UNIQUE CHECK (public_id ~ '^[0-9A-Za-z]{12}$'),
    secret_hash  bytea NOT NULL CHECK (octet_length(secret_hash) = 32),  -- SHA-256
    name         text NOT NULL CHECK (name <> ''),
    scopes       text[] NOT NULL CHECK (cardinality(scopes) > 0
                     AND scopes <@ ARRAY['read', 'order', 'spend', 'webhooks']),
    networks     cidr[] NOT NULL DEFAULT '{}',            -- from where it may be used; empty: anywhere
    made_by      bigint,                                  -- Telegram's id: of the user, or of staff;
                                                          -- NULL: at the command line
    -- The machine's clock: these are about programs, not about money.
    expires_at   timestamptz,
    revoked_at   timestamptz,
    used_at      timestamptz,                             -- to the minute
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX api_keys_user ON api_keys (user_id, created_at);

-- A request that is to be done once: what it asked, and what it was answered. Whoever asks the
-- same again gets the same answer; `id` marks what it makes, so that half of it is found again.
CREATE TABLE api_requests (
    id               uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    user_id          bigint NOT NULL REFERENCES users (id),
    idempotency_key  varchar(300) NOT NULL,
    asked_hash       bytea NOT NULL CHECK (octet_length(asked_hash) = 32),
    held_until       timestamptz NOT NULL,                -- by the process that works on it
    holder           uuid NOT NULL,
    status           smallint CHECK (status BETWEEN 200 AND 499),
    answer           bytea,
    content_type     text,
    answered_at      timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, idempotency_key),
    CHECK ((status IS NULL) = (answer IS NULL)),
    CHECK ((status IS NULL) = (content_type IS NULL)),
    CHECK ((status IS NULL) = (answered_at IS NULL))
);
CREATE INDEX api_requests_created_at ON api_requests (created_at);

-- Prices, pools ----------------------------------------------------------------

-- A quote and an order point to the row they were made at, so a row only ever becomes active or
-- not: a new price is a new row. Of a duration's active rows that are valid, the one whose validity
-- began last is on offer.
CREATE TABLE price_configs (
    id              varchar(255) PRIMARY KEY,
    duration_hours  numeric(9, 4) NOT NULL CHECK (duration_hours > 0),
    sun_per_energy  integer NOT NULL CHECK (sun_per_energy > 0),
    minimum_sun     bigint NOT NULL CHECK (minimum_sun >= 0),
    -- Orders of so much energy and more cost so much for each: two lists side by side.
    step_energy     bigint[] NOT NULL DEFAULT '{}' CHECK (0 < ALL (step_energy)),
    step_sun        integer[] NOT NULL DEFAULT '{}' CHECK (0 < ALL (step_sun)),
    valid_from      timestamptz,                          -- chain time; NULL: always
    valid_until     timestamptz,                          -- and until before this; NULL: for ever
    active          boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CHECK (cardinality(step_energy) = cardinality(step_sun)),
    CHECK (valid_from < valid_until)
);
CREATE UNIQUE INDEX price_configs_one_active_price_per_duration
    ON price_configs (duration_hours, coalesce(valid_from, '-infinity')) WHERE active;

CREATE FUNCTION price_stays_as_it_was() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) - 'active') IS DISTINCT FROM (to_jsonb(OLD) - 'active') THEN
        RAISE EXCEPTION 'price % may be in use and is not changed: publish a new one', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER price_configs_stay_as_they_were
    BEFORE UPDATE ON price_configs FOR EACH ROW EXECUTE FUNCTION price_stays_as_it_was();

-- TRC-20 tokens that somebody has asked a quote for, as their contracts call themselves.
CREATE TABLE tokens (
    address   tron_address PRIMARY KEY,
    symbol    text NOT NULL CHECK (symbol <> ''),         -- cut to what is safe to read
    decimals  smallint NOT NULL CHECK (decimals BETWEEN 0 AND 77)
);

-- A pool is an account with staked TRX, whose stake a key of ours may delegate.
CREATE TABLE energy_pools (
    address            tron_address PRIMARY KEY,
    permission_id      smallint NOT NULL
                           CHECK (permission_id = 0 OR permission_id BETWEEN 2 AND 9),
    key_address        tron_address NOT NULL,             -- of the key that signs; no key is here
    -- enabled: sold from; draining: only taken back; disabled: only taken back, and not watched.
    state              text NOT NULL DEFAULT 'enabled'
                           CHECK (state IN ('enabled', 'draining', 'disabled')),
    reserve_sun        bigint NOT NULL DEFAULT 0 CHECK (reserve_sun >= 0),  -- stake never lent
    cap_sun            bigint CHECK (cap_sun >= 1000000), -- the most stake in one delegation
    hourly_delegations integer CHECK (hourly_delegations > 0),
    priority           smallint NOT NULL DEFAULT 0,       -- higher is taken first
    cost_sun           bigint NOT NULL DEFAULT 0 CHECK (cost_sun >= 0),  -- per 1,000 energy and day
    -- What the configuration said last: what changes there wins, the rest stays as set since.
    declared           jsonb,
    failures           integer NOT NULL DEFAULT 0 CHECK (failures >= 0),  -- refusals in a row
    trouble            text CHECK (trouble IN
                           ('no_key', 'not_activated', 'no_permission', 'failing', 'no_bandwidth')),
    trouble_since      timestamptz,                       -- chain time, as is the next line
    probe_at           timestamptz,                       -- failing: when it is tried again
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    CHECK ((trouble IS NULL) = (trouble_since IS NULL))
);

-- What the chain said about each pool at the last look.
CREATE TABLE pool_readings (
    address            tron_address PRIMARY KEY REFERENCES energy_pools (address),
    block_number       bigint NOT NULL,                   -- all of the block, perhaps more, is in it
    block_time         timestamptz NOT NULL,
    total_energy_limit  bigint NOT NULL CHECK (total_energy_limit > 0),
    total_energy_weight bigint NOT NULL CHECK (total_energy_weight > 0),
    balance_sun        bigint NOT NULL CHECK (balance_sun >= 0),
    stake_sun          bigint NOT NULL CHECK (stake_sun >= 0),        -- its own, not lent out
    lent_sun           bigint NOT NULL CHECK (lent_sun >= 0),
    delegatable_sun    bigint NOT NULL CHECK (delegatable_sun >= 0),  -- of stake_sun, now
    energy_used        bigint NOT NULL CHECK (energy_used >= 0),      -- recovering
    recovers_at        timestamptz NOT NULL,              -- when the last of it has recovered
    staked_bandwidth   bigint NOT NULL CHECK (staked_bandwidth >= 0), -- left to be spent
    free_bandwidth     bigint NOT NULL CHECK (free_bandwidth >= 0),
    bandwidth_fee_sun  bigint NOT NULL CHECK (bandwidth_fee_sun >= 0),  -- burned for a byte
    read_at            timestamptz NOT NULL DEFAULT now()
);

-- Orders -----------------------------------------------------------------------

-- What was offered to a customer, and until when it holds.
CREATE TABLE quotes (
    id                      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id                 bigint REFERENCES users (id),  -- unknown behind a flash rental
    recipient_address       tron_address NOT NULL,
    destination_address     tron_address,
    -- Whether the token goes to somebody who has some: asked, where no destination was named.
    destination_holds_token boolean NOT NULL DEFAULT true,
    recipient_holds_token   boolean,                       -- NULL: nobody could tell
    token_address           tron_address REFERENCES tokens (address),  -- NULL: the shop's USDT
    token_amount            numeric(78, 0) CHECK (token_amount > 0),   -- of each transfer, if named
    price_config_id         varchar(255) NOT NULL REFERENCES price_configs (id),
    surge_percent           smallint NOT NULL DEFAULT 0 CHECK (surge_percent >= 0),
    transaction_count       integer NOT NULL CHECK (transaction_count > 0),
    -- With the margin: of the first transfer, the dearest, and of each that follows it.
    energy_per_transaction  integer NOT NULL CHECK (energy_per_transaction > 0),
    energy_next             integer NOT NULL CHECK (energy_next > 0),
    energy_own              bigint NOT NULL DEFAULT 0 CHECK (energy_own >= 0),  -- not to be bought
    energy_amount           bigint GENERATED ALWAYS AS
                                (energy_per_transaction + (transaction_count - 1)::bigint
                                 * energy_next - energy_own) STORED CHECK (energy_amount > 0),
    estimated               boolean NOT NULL DEFAULT false,            -- figures, not simulated
    price_sun               bigint NOT NULL CHECK (price_sun > 0),
    burn_sun                bigint NOT NULL CHECK (burn_sun >= 0),
    holds_until             timestamptz NOT NULL,
    -- Asked for by a program: with which key, in which request, and how the program calls it.
    api_key_id              uuid REFERENCES api_keys (id),
    request_id              uuid UNIQUE,                   -- api_requests.id, which are forgotten
    client_order_id         varchar(100),
    created_at              timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX quotes_holds_until ON quotes (holds_until);

CREATE TABLE energy_flash_orders (
    id                      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    number                  bigint GENERATED ALWAYS AS IDENTITY (START WITH 1001) UNIQUE,
    quote_id                uuid NOT NULL UNIQUE REFERENCES quotes (id),   -- two taps, one order
    -- asked: by a customer; flash: by TRX sent to us without asking; less: as much as an
    -- underpaid order's money is enough for; extension: more time for another order's rental.
    origin                  text NOT NULL DEFAULT 'asked' CHECK (origin IN
                                ('asked', 'flash', 'less', 'extension')),
    extends_id              uuid REFERENCES energy_flash_orders (id),      -- whose rental it prolongs
    user_id                 bigint REFERENCES users (id),                  -- NULL: an unknown payer's
    recipient_address       tron_address NOT NULL,
    destination_address     tron_address,
    destination_holds_token boolean NOT NULL DEFAULT true,
    token_address           tron_address REFERENCES tokens (address),
    token_amount            numeric(78, 0) CHECK (token_amount > 0),
    payment_address         tron_address NOT NULL,
    trx_amount              bigint NOT NULL CHECK (trx_amount > 0),        -- exact, in sun
    -- What a payment has to bring now: trx_amount, or the rest of it after an underpayment.
    due_sun                 bigint NOT NULL CHECK (due_sun > 0),
    balance_sun             bigint NOT NULL DEFAULT 0 CHECK (balance_sun >= 0),  -- paid from a balance
    transaction_count       integer NOT NULL CHECK (transaction_count > 0),
    energy_per_transaction  integer NOT NULL CHECK (energy_per_transaction > 0),
    energy_next             integer NOT NULL CHECK (energy_next > 0),
    energy_own              bigint NOT NULL DEFAULT 0 CHECK (energy_own >= 0),
    energy_amount           bigint GENERATED ALWAYS AS
                                (energy_per_transaction + (transaction_count - 1)::bigint
                                 * energy_next - energy_own) STORED CHECK (energy_amount > 0),
    estimated               boolean NOT NULL DEFAULT false,
    burn_sun                bigint NOT NULL CHECK (burn_sun >= 0),         -- what burning would cost
    price_config_id         varchar(255) NOT NULL REFERENCES price_configs (id),
    duration_hours          numeric(9, 4) NOT NULL CHECK (duration_hours > 0),
    extended_hours          numeric(9, 4) NOT NULL DEFAULT 0
                                CHECK (extended_hours >= 0),               -- by paid extensions
    given_hours             numeric(9, 4) NOT NULL DEFAULT 0
                                CHECK (given_hours >= 0),                  -- by the shop, for nothing
    status                  varchar(20) NOT NULL DEFAULT 'pending' CHECK (status IN
                                ('pending', 'paid', 'processing', 'completed',
                                 'failed', 'expired', 'cancelled')),
    -- While true no other order may ask for the same amount at the same address, and only while
    -- true can a payment settle it. Outlives the order itself, so that a late payment cannot pay
    -- a stranger's order.
    amount_reserved         boolean NOT NULL DEFAULT true,
    payment_txid            transaction_id,
    failure                 text,
    compensation            text CHECK (compensation IN ('refund', 'credit', 'hold')),
    card_chat_id            bigint,                       -- the message that shows the order
    card_message_id         bigint,
    ordered_at              timestamptz NOT NULL,         -- chain time from here on
    pay_until               timestamptz NOT NULL,
    paid_at                 timestamptz,
    deliver_until           timestamptz,                  -- set when delivery is first tried
    completed_at            timestamptz,
    expires_at              timestamptz,                  -- end of the rental
    ended_at                timestamptz,                  -- all of it taken back
    ended_early_at          timestamptz,                  -- its customer, or the shop, ended it early
    early_end_percent       smallint CHECK (early_end_percent BETWEEN 0 AND 100),  -- as it was agreed
    early_credit_sun        bigint NOT NULL DEFAULT 0 CHECK (early_credit_sun >= 0),  -- came back for it
    ending_decided_for      timestamptz,                  -- the end that its customer was warned of
    -- Of the assessment of risk: with 'ask' nothing is delivered before somebody has decided.
    risk_outcome            text NOT NULL DEFAULT 'allow' CHECK (risk_outcome IN ('allow', 'ask')),
    risk_reasons            jsonb NOT NULL DEFAULT '[]',
    risk_decision           text CHECK (risk_decision IN ('allowed', 'refused')),
    risk_decided_by         bigint,                       -- Telegram's id
    risk_decided_at         timestamptz,                  -- the machine's clock: for people
    api_key_id              uuid REFERENCES api_keys (id),               -- a program placed it
    client_order_id         varchar(100),                 -- how its customer's program calls it
    created_at              timestamptz NOT NULL DEFAULT now(),
    updated_at              timestamptz NOT NULL DEFAULT now(),
    CHECK (pay_until >= ordered_at),
    CHECK (origin NOT IN ('asked', 'extension') OR user_id IS NOT NULL),
    CHECK ((origin = 'extension') = (extends_id IS NOT NULL)),
    CHECK (extends_id <> id),
    CHECK ((ended_early_at IS NULL) = (early_end_percent IS NULL)),
    CHECK (ended_early_at IS NULL OR (origin <> 'extension'
           AND (user_id IS NOT NULL OR early_end_percent = 0))),
    CHECK (early_credit_sun = 0 OR (ended_early_at IS NOT NULL AND ended_at IS NOT NULL)),
    CHECK (status NOT IN ('paid', 'processing', 'completed')
           OR payment_txid IS NOT NULL OR balance_sun > 0),
    CHECK ((risk_decision IS NULL) = (risk_decided_by IS NULL)),
    CHECK ((risk_decision IS NULL) = (risk_decided_at IS NULL)),
    CHECK (risk_outcome = 'allow' OR jsonb_array_length(risk_reasons) > 0),
    CHECK (status <> 'completed' OR risk_outcome = 'allow' OR risk_decision = 'allowed'),
    CHECK (status <> 'completed' OR (completed_at IS NOT NULL AND expires_at IS NOT NULL)),
    CHECK ((card_chat_id IS NULL) = (card_message_id IS NULL))
);
CREATE UNIQUE INDEX orders_reserved_amount
    ON energy_flash_orders (payment_address, due_sun) WHERE amount_reserved;
CREATE INDEX orders_reserved_recipient
    ON energy_flash_orders (recipient_address) WHERE amount_reserved;
CREATE UNIQUE INDEX orders_client_order_id
    ON energy_flash_orders (user_id, client_order_id) WHERE client_order_id IS NOT NULL;
CREATE UNIQUE INDEX orders_payment_txid
    ON energy_flash_orders (payment_txid) WHERE payment_txid IS NOT NULL;
CREATE INDEX orders_extends ON energy_flash_orders (extends_id) WHERE extends_id IS NOT NULL;
-- One unpaid extension of a rental at a time: two could not both be priced from where it ends.
CREATE UNIQUE INDEX orders_one_open_extension
    ON energy_flash_orders (extends_id) WHERE extends_id IS NOT NULL AND status = 'pending';
-- What the figures of a day are counted by.
CREATE INDEX orders_ordered_at ON energy_flash_orders (ordered_at);
CREATE INDEX orders_paid_at ON energy_flash_orders (paid_at) WHERE paid_at IS NOT NULL;
CREATE INDEX orders_completed_at
    ON energy_flash_orders (completed_at) WHERE completed_at IS NOT NULL;
CREATE INDEX orders_early_credits ON energy_flash_orders (ended_at) WHERE early_credit_sun > 0;
CREATE INDEX orders_asked_about ON energy_flash_orders (number)
    WHERE risk_outcome = 'ask' AND risk_decision IS NULL;
CREATE INDEX orders_running ON energy_flash_orders (expires_at)
    WHERE status = 'completed' AND ended_at IS NULL;
CREATE INDEX idx_energy_flash_orders_user_id ON energy_flash_orders (user_id, number DESC);
CREATE INDEX orders_recipient ON energy_flash_orders (recipient_address, ordered_at);
CREATE INDEX idx_energy_flash_orders_created_at ON energy_flash_orders (created_at DESC);
CREATE INDEX idx_energy_flash_orders_status
    ON energy_flash_orders (status, pay_until) WHERE status IN ('pending', 'paid', 'processing');

CREATE TABLE payment_monitors (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id         uuid NOT NULL UNIQUE REFERENCES energy_flash_orders (id),
    payment_address  tron_address NOT NULL,
    expected_amount  bigint NOT NULL CHECK (expected_amount > 0),
    actual_amount    bigint CHECK (actual_amount > 0),
    status           varchar(20) NOT NULL DEFAULT 'monitoring'
                         CHECK (status IN ('monitoring', 'confirmed', 'timeout', 'cancelled')),
    txid             transaction_id,
    confirmations    integer NOT NULL DEFAULT 0 CHECK (confirmations >= 0),
    created_at       timestamptz NOT NULL DEFAULT now(),
    confirmed_at     timestamptz,                         -- chain time
    CHECK (status <> 'confirmed' OR actual_amount IS NOT NULL)  -- no txid: paid from a balance
);
CREATE INDEX idx_payment_monitors_payment_address ON payment_monitors (payment_address);
CREATE INDEX idx_payment_monitors_status ON payment_monitors (status);

-- The chain as we have read it ----------------------------------------------------

-- The last block handled, per scanner: its time is the "now" of every rule about money.
CREATE TABLE chain_cursor (
    scanner       text PRIMARY KEY,
    block_number  bigint NOT NULL CHECK (block_number >= 0),
    block_id      transaction_id NOT NULL,
    block_time    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL DEFAULT now()
);

-- The blocks just below the cursor, to find where a fork began.
CREATE TABLE chain_blocks (
    scanner       text NOT NULL REFERENCES chain_cursor (scanner),
    block_number  bigint NOT NULL,
    block_id      transaction_id NOT NULL,
    block_time    timestamptz NOT NULL,
    PRIMARY KEY (scanner, block_number)
);

-- Every TRX transfer that reached one of our addresses, once.
CREATE TABLE payments (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    txid          transaction_id NOT NULL,
    position      smallint NOT NULL CHECK (position >= 0),  -- above 0: inside a contract's call
    sender        tron_address NOT NULL,
    receiver      tron_address NOT NULL,
    amount_sun    bigint NOT NULL CHECK (amount_sun > 0),
    block_number  bigint NOT NULL,
    block_id      transaction_id NOT NULL,
    block_time    timestamptz NOT NULL,
    -- Until then its transaction can come into a block again, should it leave the chain.
    expiration    timestamptz NOT NULL,
    -- What it was taken for when it was seen; it becomes so when it is confirmed.
    intent        text NOT NULL CHECK (intent IN
                      ('pays', 'part', 'flash', 'choose', 'hold', 'dust', 'own')),
    -- seen: in a block, not confirmed yet; orphaned: its block left the chain before it counted.
    -- matched: its order has it, and has not been delivered yet; flash: to become a rental for its
    -- sender; refunding: on its way back. The ends: delivered, credited, refunded, held with a
    -- reason, and what is no customer's money: dust, own (moved between addresses of ours).
    -- lost: it had been delivered, credited or refunded when it left the chain for good.
    status        text NOT NULL CHECK (status IN
                      ('seen', 'orphaned', 'matched', 'flash', 'delivered', 'credited', 'held',
                       'refunding', 'refunded', 'dust', 'own', 'lost')),
    order_id      uuid REFERENCES energy_flash_orders (id),
    user_id       bigint REFERENCES users (id),           -- whose money it is, where known
    reason        text,                                   -- why it does not simply pay an order
    choose_until  timestamptz,                            -- held: the customer may choose until then
    order_sun     bigint NOT NULL DEFAULT 0 CHECK (order_sun >= 0),     -- what its order has of it
    credited_sun  bigint NOT NULL DEFAULT 0 CHECK (credited_sun >= 0),  -- what a balance has of it
    -- It left the chain after it was confirmed, and can still come back.
    adrift        boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (txid, position),
    CHECK (order_sun + credited_sun <= amount_sun),
    CHECK (status NOT IN ('matched', 'delivered')
           OR (order_id IS NOT NULL AND order_sun > 0 AND order_sun + credited_sun = amount_sun)),
    CHECK (status <> 'credited' OR credited_sun = amount_sun),
    CHECK (status <> 'held' OR reason IS NOT NULL),
    CHECK (choose_until IS NULL OR (status = 'held' AND user_id IS NOT NULL))
);
CREATE INDEX payments_unconfirmed ON payments (block_number) WHERE status = 'seen';
CREATE INDEX payments_block ON payments (block_number);
CREATE INDEX payments_order ON payments (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX payments_user ON payments (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX payments_sender ON payments (sender);
CREATE INDEX payments_held ON payments (id) WHERE status = 'held';
CREATE INDEX payments_flash ON payments (id) WHERE status = 'flash';
CREATE INDEX payments_adrift ON payments (id) WHERE adrift;

-- Write-ahead store: a transaction stands here, signed, before its first broadcast.
CREATE TABLE chain_transactions (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    txid             transaction_id NOT NULL UNIQUE,
    kind             text NOT NULL CHECK (kind IN ('delegate', 'undelegate', 'transfer')),
    owner            tron_address NOT NULL,
    receiver         tron_address NOT NULL,
    balance_sun      bigint NOT NULL CHECK (balance_sun > 0),  -- stake lent, or TRX sent
    raw              bytea NOT NULL,
    signature        bytea NOT NULL CHECK (length(signature) = 65),
    timestamp_ms     bigint NOT NULL,
    expiration       timestamptz NOT NULL,
    -- signed: stored, perhaps never sent; sent: a node may have it; included: in a block;
    -- dead: can never enter a block; rejected: refused before any node could have kept it.
    state            text NOT NULL DEFAULT 'signed' CHECK (state IN
                         ('signed', 'sent', 'included', 'dead', 'rejected')),
    exposed          boolean NOT NULL DEFAULT false,      -- a node may have kept the bytes
    attempts         integer NOT NULL DEFAULT 0,
    next_attempt_at  timestamptz NOT NULL DEFAULT now(),  -- pacing only: the machine's clock
    last_answer      text,
    block_number     bigint,
    block_time       timestamptz,
    fee_sun          bigint CHECK (fee_sun >= 0),         -- what the network burned, once it is solid
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (owner, timestamp_ms),                         -- equal intents never share an id
    CHECK ((state = 'included') = (block_number IS NOT NULL)),
    CHECK (fee_sun IS NULL OR state = 'included')
);
CREATE INDEX chain_transactions_open
    ON chain_transactions (next_attempt_at) WHERE state IN ('signed', 'sent');
CREATE INDEX chain_transactions_block ON chain_transactions (block_number);
CREATE INDEX chain_transactions_fees ON chain_transactions (block_time) WHERE fee_sun > 0;
CREATE INDEX chain_transactions_made ON chain_transactions (timestamp_ms) WHERE kind = 'delegate';
CREATE INDEX chain_transactions_in_vain
    ON chain_transactions (txid) WHERE state IN ('dead', 'rejected');
CREATE INDEX chain_transactions_fee_unread
    ON chain_transactions (block_number) WHERE state = 'included' AND fee_sun IS NULL;

-- What somebody else did with an address of ours: its owner, who holds the other keys; or a thief.
CREATE TABLE owner_transactions (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    txid           transaction_id NOT NULL UNIQUE,
    owner          tron_address NOT NULL,
    kind           text NOT NULL,                         -- the network's name of the contract
    permission_id  smallint NOT NULL,
    receiver       tron_address,                          -- of a transfer
    amount_sun     bigint CHECK (amount_sun > 0),         -- of a transfer
    block_number   bigint NOT NULL,
    block_time     timestamptz NOT NULL,
    -- seen: its block can still leave the chain; solid: it is booked.
    state          text NOT NULL DEFAULT 'seen' CHECK (state IN ('seen', 'solid')),
    fee_sun        bigint CHECK (fee_sun >= 0),
    created_at     timestamptz NOT NULL DEFAULT now(),
    CHECK ((receiver IS NULL) = (amount_sun IS NULL)),
    CHECK ((state = 'solid') = (fee_sun IS NOT NULL))
);
CREATE INDEX owner_transactions_seen ON owner_transactions (block_number) WHERE state = 'seen';

CREATE TABLE energy_delegations (
    id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id           uuid NOT NULL REFERENCES energy_flash_orders (id),
    pool_address       tron_address NOT NULL REFERENCES energy_pools (address),
    recipient_address  tron_address NOT NULL,
    energy_amount      bigint NOT NULL CHECK (energy_amount > 0),
    balance_sun        bigint NOT NULL CHECK (balance_sun >= 1000000),  -- delegated stake
    duration_hours     numeric(9, 4) NOT NULL CHECK (duration_hours > 0),
    tx_id              transaction_id NOT NULL UNIQUE REFERENCES chain_transactions (txid),
    reclaim_tx_id      transaction_id UNIQUE REFERENCES chain_transactions (txid),
    -- pending: sent, not read back yet; active: the receiver has it; expired: its end was
    -- reached; reclaiming: the undelegation is on its way; revoked: taken back.
    status             varchar(20) NOT NULL DEFAULT 'pending' CHECK (status IN
                           ('pending', 'active', 'expired', 'reclaiming', 'revoked', 'failed')),
    energy_used        bigint CHECK (energy_used >= 0),   -- read when the rental ended
    failure            text,
    created_at         timestamptz NOT NULL DEFAULT now(),
    activated_at       timestamptz,
    expires_at         timestamptz NOT NULL,
    reclaim_after      timestamptz,                       -- chain time; it waits for newer rentals
    revoked_at         timestamptz,
    CHECK (pool_address <> recipient_address),
    CHECK (status <> 'reclaiming' OR reclaim_tx_id IS NOT NULL)
);
CREATE INDEX idx_energy_delegations_order_id ON energy_delegations (order_id);
CREATE INDEX idx_energy_delegations_recipient ON energy_delegations (recipient_address, pool_address);
CREATE INDEX idx_energy_delegations_expires_at
    ON energy_delegations (expires_at) WHERE status IN ('active', 'expired');
CREATE INDEX energy_delegations_open
    ON energy_delegations (status) WHERE status IN ('pending', 'expired', 'reclaiming');

-- The undelegations of a rental: one, or several that each took a part back. One that can never be
-- in a block is taken out again. An undelegation that stands here for no rental took back stake that
-- no rental accounts for.
CREATE TABLE energy_reclaims (
    tx_id          transaction_id PRIMARY KEY REFERENCES chain_transactions (txid),
    delegation_id  uuid NOT NULL REFERENCES energy_delegations (id),
    leaves_sun     bigint NOT NULL CHECK (leaves_sun >= 0)  -- 0: with it, all of it is back
);
CREATE INDEX energy_reclaims_delegation ON energy_reclaims (delegation_id);

-- Pools whose undelegations the network refuses, whatever they take back.
CREATE TABLE reclaim_troubles (
    pool_address  tron_address PRIMARY KEY REFERENCES energy_pools (address),
    reason        text NOT NULL,
    refusals      integer NOT NULL CHECK (refusals > 0),
    since         timestamptz NOT NULL,                   -- chain time, as is the next
    again_at      timestamptz NOT NULL,                   -- one is tried then
    trying        boolean NOT NULL DEFAULT false          -- one is, and its fate is not known
);

-- What the receiver of an order may have used of rentals older than it, as long as their stake is
-- there: what was found, or else all of it.
CREATE FUNCTION older_energy(rental uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(coalesce(d.energy_used, d.energy_amount)), 0)::bigint
    FROM (SELECT recipient_address, min(activated_at) AS since FROM energy_delegations
          WHERE order_id = rental GROUP BY recipient_address) this
    JOIN energy_delegations d ON d.recipient_address = this.recipient_address
    WHERE d.order_id <> rental AND d.status IN ('active', 'expired', 'reclaiming')
      AND (d.activated_at, d.order_id) < (this.since, rental)
$$;

-- What payments, delegations and extensions made of each order.
CREATE VIEW order_stories AS
    SELECT o.id, coalesce(p.paying, false) AS paying, p.seen_txid, p.seen_at,
           o.balance_sun + coalesce(p.received_sun, 0) AS received_sun,
           coalesce(p.credited_sun, 0) AS credited_sun,
           coalesce(d.delegation_txids, '{}') AS delegation_txids,
           coalesce(d.reclaim_txids, '{}') AS reclaim_txids,
           d.energy_used, coalesce(e.extensions_sun, 0) AS extensions_sun,
           r.number AS extends_number, r.expires_at AS rental_expires_at
    FROM energy_flash_orders o
    LEFT JOIN energy_flash_orders r ON r.id = o.extends_id
    LEFT JOIN LATERAL (
        SELECT sum(trx_amount)::bigint AS extensions_sun FROM energy_flash_orders
        WHERE extends_id = o.id AND status = 'completed'
    ) e ON true
    LEFT JOIN LATERAL (
        SELECT bool_or(status = 'seen' AND intent = 'pays') AS paying,
               (array_agg(txid::text ORDER BY id DESC))[1] AS seen_txid,
               max(block_time) AS seen_at,
               sum(CASE status WHEN 'seen' THEN amount_sun ELSE order_sun END)::bigint
                   AS received_sun,
               sum(credited_sun)::bigint AS credited_sun
        FROM payments WHERE order_id = o.id AND (status IN ('matched', 'delivered')
            OR (status = 'seen' AND intent IN ('pays', 'part')))
    ) p ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(tx_id::text ORDER BY created_at)
                   FILTER (WHERE status NOT IN ('pending', 'failed')) AS delegation_txids,
               array_agg(reclaim_tx_id::text ORDER BY created_at)
                   FILTER (WHERE status = 'revoked' AND reclaim_tx_id IS NOT NULL)
                   AS reclaim_txids,
               sum(energy_used)::bigint AS energy_used
        FROM energy_delegations WHERE order_id = o.id
    ) d ON true;

-- The books ------------------------------------------------------------------------

-- Money that goes back to whom it came from: of one payment, or out of a balance.
CREATE TABLE refunds (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payment_id    bigint UNIQUE REFERENCES payments (id), -- a payment goes back once at most
    user_id       bigint REFERENCES users (id),
    to_address    tron_address NOT NULL,
    amount_sun    bigint NOT NULL CHECK (amount_sun > 0), -- what was taken for it
    fee_sun       bigint NOT NULL CHECK (fee_sun >= 0),   -- of that, kept for the network's fee
    -- waiting: to be sent as soon as it may be; sending: signed and stored; done: solid;
    -- withdrawn: taken back before it was sent.
    status        text NOT NULL DEFAULT 'waiting' CHECK (status IN
                      ('waiting', 'sending', 'done', 'withdrawn')),
    wait_reason   text,                                   -- why it waits: a person, a cap, the wallet
    approved      boolean NOT NULL DEFAULT false,         -- a person allowed one above the cap
    txid          transaction_id UNIQUE,                  -- ours, or one that a person sent by hand
    requested_at  timestamptz NOT NULL,                   -- chain time
    signed_at     timestamptz,                            -- chain time: what the daily cap counts
    done_at       timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CHECK (fee_sun < amount_sun),
    CHECK (status NOT IN ('sending', 'done') OR txid IS NOT NULL)
);
CREATE INDEX refunds_open ON refunds (id) WHERE status IN ('waiting', 'sending');
CREATE INDEX refunds_signed_at ON refunds (signed_at) WHERE status IN ('sending', 'done');
CREATE INDEX refunds_user ON refunds (user_id) WHERE user_id IS NOT NULL;

-- Double entry, append-only: the entries of one transfer sum to zero.
--
--   chain:T…  TRX at an address of ours       orders    paid, not delivered yet
--   user:…    a customer's balance            revenue   earned
--   payer:T…  the balance of a payer who is   held      waits for a decision
--             no known customer               refunds   on its way back
--   owner     what the operator put in or     fees      burned by the network, or kept for it
--             took out                        losses    delivered, then the payment left the chain
--                                             dust      too small to mean anything
--
-- Positive is what we have, negative what we owe or earned.
CREATE TABLE ledger_entries (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transfer_id   uuid NOT NULL,
    account       text NOT NULL CHECK (account ~ ('^((chain|payer):T[1-9A-HJ-NP-Za-km-z]{33}|user:[0-9]+'
                      '|orders|revenue|held|refunds|owner|fees|losses|dust)$')),
    amount_sun    bigint NOT NULL CHECK (amount_sun <> 0),
    event         text NOT NULL,
    payment_id    bigint REFERENCES payments (id),
    order_id      uuid REFERENCES energy_flash_orders (id),
    refund_id     bigint REFERENCES refunds (id),
    txid          transaction_id,                         -- of a fee, or of what an owner did
    block_number  bigint,                                 -- where the TRX moved, if it did
    created_at    timestamptz NOT NULL DEFAULT now(),
    CHECK (block_number IS NULL OR account LIKE 'chain:%')
);
CREATE INDEX ledger_entries_transfer ON ledger_entries (transfer_id);
CREATE INDEX ledger_entries_account ON ledger_entries (account, id);
CREATE INDEX ledger_entries_order ON ledger_entries (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX ledger_entries_payment ON ledger_entries (payment_id) WHERE payment_id IS NOT NULL;
-- The same event of the same thing is booked once. A claim is of no thing, but of all there is; and
-- a balance may be adjusted again: there the proposal that is taken makes sure of it.
CREATE UNIQUE INDEX ledger_entries_once ON ledger_entries
    (event, account, coalesce(payment_id, 0), coalesce(order_id::text, ''),
     coalesce(refund_id, 0), coalesce(txid, ''))
    WHERE event NOT IN ('claimed', 'adjusted');

-- What we owe to each customer and payer; kept by the ledger, and never below zero.
CREATE TABLE customer_balances (
    account      text PRIMARY KEY,
    balance_sun  bigint NOT NULL CHECK (balance_sun >= 0)
);

CREATE FUNCTION ledger_keeps_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Not one INSERT … ON CONFLICT: a row to be inserted is checked before it conflicts.
    UPDATE customer_balances SET balance_sun = balance_sun - NEW.amount_sun
    WHERE account = NEW.account;
    IF NOT FOUND THEN
        INSERT INTO customer_balances VALUES (NEW.account, -NEW.amount_sun)
        ON CONFLICT (account) DO UPDATE
            SET balance_sun = customer_balances.balance_sun - NEW.amount_sun;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_entries_balances
    AFTER INSERT ON ledger_entries FOR EACH ROW
    WHEN (NEW.account LIKE 'user:%' OR NEW.account LIKE 'payer:%')
    EXECUTE FUNCTION ledger_keeps_balances();

CREATE FUNCTION ledger_transfer_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rest numeric;
BEGIN
    SELECT sum(amount_sun) INTO rest FROM ledger_entries WHERE transfer_id = NEW.transfer_id;
    IF rest <> 0 THEN
        RAISE EXCEPTION 'ledger transfer % is off by % sun', NEW.transfer_id, rest
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entries_balance
    AFTER INSERT ON ledger_entries DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_transfer_sums_to_zero();

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger_entries is append-only: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ledger_entries_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

-- Alerts -------------------------------------------------------------------------------

-- What somebody of the staff should know of now. Of one kind about one thing one is open at a time:
-- what goes on only counts up. All times are the machine's: pacing, never money.
CREATE TABLE alerts (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind             text NOT NULL,
    subject          text NOT NULL DEFAULT '',            -- "pool T…", "payment 12"; of the shop: ''
    details          jsonb NOT NULL DEFAULT '{}',
    raised_at        timestamptz NOT NULL DEFAULT now(),
    last_seen_at     timestamptz NOT NULL DEFAULT now(),
    times            integer NOT NULL DEFAULT 1 CHECK (times > 0),
    level            integer NOT NULL DEFAULT 0 CHECK (level >= 0),  -- how loudly it was told; 0: not yet
    acknowledged_by  bigint,                              -- Telegram's user id
    acknowledged_at  timestamptz,
    closed_at        timestamptz,
    closing_told     boolean NOT NULL DEFAULT false,
    CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL)),
    CHECK (NOT closing_told OR closed_at IS NOT NULL)
);
CREATE UNIQUE INDEX alerts_open ON alerts (kind, subject) WHERE closed_at IS NULL;
CREATE INDEX alerts_to_tell ON alerts (id) WHERE NOT closing_told;
CREATE INDEX alerts_closed ON alerts (closed_at) WHERE closed_at IS NOT NULL;

-- The messages that show an alert, to be edited when it changes.
CREATE TABLE alert_messages (
    alert_id    bigint NOT NULL REFERENCES alerts (id),
    chat_id     bigint NOT NULL,
    message_id  bigint NOT NULL,
    PRIMARY KEY (alert_id, chat_id, message_id)
);

-- What we want to say ----------------------------------------------------------------

CREATE TABLE outbox (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              text NOT NULL UNIQUE,                -- the same event is announced once
    chat_id          bigint NOT NULL,
    kind             text NOT NULL,
    order_id         uuid REFERENCES energy_flash_orders (id),
    payment_id       bigint REFERENCES payments (id),
    refund_id        bigint REFERENCES refunds (id),
    alert_id         bigint REFERENCES alerts (id),
    payload          jsonb NOT NULL DEFAULT '{}',
    state            text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dropped')),
    attempts         integer NOT NULL DEFAULT 0,
    leased_by        integer,                             -- the process that sends it: its presence
    next_attempt_at  timestamptz NOT NULL DEFAULT now(),  -- pacing only: the machine's clock
    last_error       text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    sent_at          timestamptz                          -- or dropped
);
CREATE INDEX outbox_lately ON outbox (sent_at) WHERE state <> 'waiting';
CREATE INDEX outbox_alerts ON outbox (alert_id) WHERE alert_id IS NOT NULL;
CREATE INDEX outbox_waiting ON outbox (chat_id, id) WHERE state = 'waiting';
CREATE INDEX outbox_in_order ON outbox (id) WHERE state = 'waiting';
CREATE INDEX outbox_order ON outbox (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX outbox_payment ON outbox (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX outbox_refund ON outbox (refund_id) WHERE refund_id IS NOT NULL;

-- What customers' programs hear ------------------------------------------------------

-- Where a customer's program wants to hear of its orders. What is sent there is signed, so the
-- secrets cannot be kept as hashes. They open nothing here: whoever reads this database could sign
-- news in our name to that program, as could whoever runs the shop; and every one can be rotated.
CREATE TABLE webhook_endpoints (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    api_key_id       uuid NOT NULL REFERENCES api_keys (id),  -- nothing is sent once it opens nothing
    user_id          bigint NOT NULL REFERENCES users (id),   -- the key's
    url              varchar(2000) NOT NULL CHECK (url ~ '^https?://'),
    events           text[] CHECK (cardinality(events) > 0),  -- NULL: all, also those to come
    secret           bytea NOT NULL CHECK (octet_length(secret) BETWEEN 24 AND 64),
    previous_secret  bytea,                                   -- signs too, until then
    previous_until   timestamptz,
    taken_at         timestamptz,                             -- when it last took an event
    failing_since    timestamptz,                             -- it has taken none since
    disabled_at      timestamptz,                             -- nothing is sent or kept for it
    disabled_why     text CHECK (disabled_why IN ('gone', 'failing', 'asked')),
    request_id       uuid UNIQUE,                             -- api_requests.id, which are forgotten
    rotation_id      uuid,                                    -- the same, of the last rotation
    created_at       timestamptz NOT NULL DEFAULT now(),
    CHECK ((previous_secret IS NULL) = (previous_until IS NULL)),
    CHECK ((disabled_at IS NULL) = (disabled_why IS NULL))
);
CREATE INDEX webhook_endpoints_key ON webhook_endpoints (api_key_id, created_at);
CREATE INDEX webhook_endpoints_user ON webhook_endpoints (user_id) WHERE disabled_at IS NULL;

-- What happened, as it was in that moment: the rows it is told from. Only what somebody wants.
CREATE TABLE webhook_events (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind         text NOT NULL,
    order_row    jsonb,
    story_row    jsonb,                                   -- of order_stories
    payment_row  jsonb,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((order_row IS NULL) = (story_row IS NULL)),
    CHECK (order_row IS NULL OR payment_row IS NULL)
);
CREATE INDEX webhook_events_created_at ON webhook_events (created_at);

-- Each event to each endpoint: at least once, and in order for each subject.
CREATE TABLE webhook_deliveries (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    number           bigint GENERATED ALWAYS AS IDENTITY,
    endpoint_id      uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    event_id         uuid NOT NULL REFERENCES webhook_events (id) ON DELETE CASCADE,
    subject          text NOT NULL,                       -- what must be told in order: an order's id
    state            text NOT NULL DEFAULT 'waiting' CHECK (state IN
                         ('waiting', 'delivered', 'given_up')),
    attempts         integer NOT NULL DEFAULT 0,          -- since somebody last asked for it anew
    tried_at         timestamptz,                         -- the first of these
    leased_by        integer,                             -- the process that sends it: its presence
    next_attempt_at  timestamptz NOT NULL DEFAULT now(),  -- pacing only: the machine's clock
    ended_at         timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (event_id, endpoint_id),
    CHECK ((state = 'waiting') = (ended_at IS NULL)),
    CHECK (state = 'waiting' OR leased_by IS NULL)
);
CREATE INDEX webhook_deliveries_waiting
    ON webhook_deliveries (endpoint_id, next_attempt_at, number) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_in_order
    ON webhook_deliveries (endpoint_id, subject, number) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (leased_by)
    WHERE leased_by IS NOT NULL;
CREATE INDEX webhook_deliveries_log ON webhook_deliveries (endpoint_id, number);

-- What the receiver said each time; or why it could say nothing.
CREATE TABLE webhook_attempts (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    delivery_id   uuid NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
    at            timestamptz NOT NULL DEFAULT now(),
    status        smallint CHECK (status BETWEEN 100 AND 999),
    failure       text,
    answer        text NOT NULL DEFAULT '',               -- how the body of the answer begins
    milliseconds  integer NOT NULL CHECK (milliseconds >= 0),
    CHECK ((status IS NULL) <> (failure IS NULL))
);
CREATE INDEX webhook_attempts_delivery ON webhook_attempts (delivery_id, id);

CREATE FUNCTION programs_listen(whose bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM webhook_endpoints WHERE user_id = whose AND disabled_at IS NULL)
$$;

-- Keep the event for each endpoint of the customer that wants it.
CREATE FUNCTION tell_programs(whose bigint, event text, about text,
                              order_row jsonb, story_row jsonb, payment_row jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH wanting AS (
        SELECT e.id FROM webhook_endpoints e JOIN api_keys k ON k.id = e.api_key_id
        WHERE e.user_id = whose AND e.disabled_at IS NULL
          AND (e.events IS NULL OR event = ANY (e.events))
          AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
        -- One that is being deleted is waited for, and then not found: nobody points to it.
        FOR KEY SHARE OF e
    ), happened AS (
        INSERT INTO webhook_events (kind, order_row, story_row, payment_row)
        SELECT event, tell_programs.order_row, tell_programs.story_row, tell_programs.payment_row
        WHERE EXISTS (SELECT FROM wanting)
        RETURNING id
    )
    INSERT INTO webhook_deliveries (endpoint_id, event_id, subject)
    SELECT wanting.id, happened.id, about FROM wanting, happened;
    IF FOUND THEN
        PERFORM pg_notify('energy_flash', 'webhook');
    END IF;
END $$;

-- Every change of an order passes here, whoever made it: no event can be forgotten, and none is kept
-- of what was rolled back. It runs when the transaction commits, so that all it did is in the event;
-- an order that it moved twice is told as it was in between.
CREATE FUNCTION order_tells_programs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told jsonb;
    story jsonb;
    event text;
BEGIN
    IF NOT programs_listen(NEW.user_id) THEN
        RETURN NULL;
    END IF;
    SELECT to_jsonb(o) INTO told FROM energy_flash_orders o
    WHERE o.id = NEW.id AND o.status = NEW.status;
    told := coalesce(told, to_jsonb(NEW));
    SELECT to_jsonb(s) INTO story FROM order_stories s WHERE s.id = NEW.id;
    FOREACH event IN ARRAY array_remove(CASE TG_OP WHEN 'INSERT' THEN ARRAY['order.created'] ELSE ARRAY[
        CASE WHEN NEW.status <> OLD.status THEN 'order.' || NEW.status END,
        CASE WHEN NEW.due_sun < OLD.due_sun AND NEW.status = 'pending' THEN 'order.underpaid' END,
        CASE WHEN NEW.expires_at <> OLD.expires_at AND OLD.status = 'completed'
                  AND NEW.status = 'completed' THEN 'order.extended' END,
        CASE WHEN NEW.ending_decided_for IS DISTINCT FROM OLD.ending_decided_for
             THEN 'order.ending_soon' END,
        CASE WHEN NEW.ended_at IS NOT NULL AND OLD.ended_at IS NULL THEN 'order.ended' END
    ] END, NULL) LOOP
        PERFORM tell_programs(NEW.user_id, event, NEW.id::text, told, story, NULL);
    END LOOP;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER orders_tell_of_themselves
    AFTER INSERT ON energy_flash_orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.user_id IS NOT NULL) EXECUTE FUNCTION order_tells_programs();
CREATE CONSTRAINT TRIGGER orders_tell_of_changes
    AFTER UPDATE ON energy_flash_orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.user_id IS NOT NULL AND (
        NEW.status <> OLD.status OR NEW.due_sun < OLD.due_sun OR NEW.expires_at <> OLD.expires_at
        OR NEW.ending_decided_for IS DISTINCT FROM OLD.ending_decided_for
        OR (NEW.ended_at IS NOT NULL AND OLD.ended_at IS NULL)))
    EXECUTE FUNCTION order_tells_programs();

-- The same of a payment that does not simply pay an order: it waits for a word, or where it went.
CREATE FUNCTION payment_tells_programs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told jsonb;
BEGIN
    IF NOT programs_listen(NEW.user_id) THEN
        RETURN NULL;
    END IF;
    SELECT to_jsonb(p) INTO told FROM payments p WHERE p.id = NEW.id AND p.status = NEW.status;
    PERFORM tell_programs(NEW.user_id, 'payment.' || NEW.status,
                          coalesce(NEW.order_id::text, 'payment ' || NEW.id),
                          NULL, NULL, coalesce(told, to_jsonb(NEW)));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_tell_of_changes
    AFTER UPDATE ON payments DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.user_id IS NOT NULL AND NEW.status <> OLD.status
                       AND NEW.status IN ('held', 'credited', 'refunded'))
    EXECUTE FUNCTION payment_tells_programs();

-- The people who run the shop ---------------------------------------------------------

-- What one of the staff is about to do: said once, to be confirmed by a button that works once.
CREATE TABLE proposals (
    nonce       text PRIMARY KEY,
    actor_id    bigint NOT NULL,                          -- Telegram's user id
    act         text NOT NULL,
    subject     text NOT NULL,
    arguments   jsonb NOT NULL DEFAULT '{}',
    reason      text NOT NULL DEFAULT '',
    lapses_at   timestamptz NOT NULL,                     -- pacing only: the machine's clock
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX proposals_lapse ON proposals (lapses_at);

-- Who did what to what, and why. Rows are only ever added.
CREATE TABLE audit_log (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT now(),
    actor_id  bigint,                                     -- NULL: the program itself
    role      text,                                       -- as it was then; or "stranger"
    act       text NOT NULL,
    subject   text NOT NULL,                              -- "order 1001", "pool T…"
    reason    text NOT NULL DEFAULT '',
    before    jsonb,
    after     jsonb,
    CHECK (actor_id IS NULL OR role IS NOT NULL)
);
CREATE INDEX audit_log_actor ON audit_log (actor_id, id);
CREATE INDEX audit_log_subject ON audit_log (subject, id);

CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_log_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();

-- Broadcasts ---------------------------------------------------------------------------

-- A message of one of the staff, for many people. It stays where they wrote it, and is copied from
-- there to each.
CREATE TABLE broadcasts (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    actor_id             bigint NOT NULL,                 -- Telegram's user id
    from_chat_id         bigint NOT NULL,
    message_id           bigint NOT NULL,
    title                text NOT NULL,                   -- how it begins, to be known by
    -- For whom: of a language (NULL: of any), and of what they have done here.
    language             varchar(2) CHECK (language IN ('zh', 'en', 'ru')),
    activity             text NOT NULL DEFAULT 'all'
                             CHECK (activity IN ('all', 'lately', 'paid', 'never_paid')),
    state                text NOT NULL DEFAULT 'draft' CHECK (state IN
                             ('draft', 'sending', 'paused', 'cancelled', 'done')),
    trouble              text CHECK (trouble IN ('message_gone')),  -- why it paused by itself
    -- The message that shows how far it is; unsaid: not yet what has changed since.
    progress_chat_id     bigint,
    progress_message_id  bigint,
    unsaid               boolean NOT NULL DEFAULT false,
    created_at           timestamptz NOT NULL DEFAULT now(),
    started_at           timestamptz,
    ended_at             timestamptz,
    CHECK ((progress_chat_id IS NULL) = (progress_message_id IS NULL)),
    CHECK ((state = 'draft') = (started_at IS NULL)),
    CHECK ((state IN ('cancelled', 'done')) = (ended_at IS NOT NULL))
);
CREATE INDEX broadcasts_sending ON broadcasts (id) WHERE state = 'sending';
CREATE INDEX broadcasts_unsaid ON broadcasts (id) WHERE unsaid;

-- Those it was for when it was started.
CREATE TABLE broadcast_recipients (
    broadcast_id     bigint NOT NULL REFERENCES broadcasts (id),
    user_id          bigint NOT NULL REFERENCES users (id),
    state            text NOT NULL DEFAULT 'waiting' CHECK (state IN
                         ('waiting', 'delivered', 'blocked', 'failed')),
    attempts         integer NOT NULL DEFAULT 0,
    leased_by        integer,                             -- the process that sends it: its presence
    next_attempt_at  timestamptz NOT NULL DEFAULT now(),  -- pacing only: the machine's clock
    last_error       text,
    PRIMARY KEY (broadcast_id, user_id)
);
CREATE INDEX broadcast_recipients_waiting
    ON broadcast_recipients (broadcast_id, user_id) WHERE state = 'waiting';

-- Reports ------------------------------------------------------------------------------

-- Whether the shop could sell in a minute of the machine's clock. One that is missing since the
-- first is one in which nothing ran that could have noted it.
CREATE TABLE service_minutes (
    minute  timestamptz PRIMARY KEY CHECK (date_trunc('minute', minute, 'UTC') = minute),
    ok      boolean NOT NULL
);

-- Processes ----------------------------------------------------------------------------

-- What only one process may do at a time, where more is at stake than an advisory lock can promise:
-- each holder counts the term up, and a transaction of an earlier one finds that its own is over.
CREATE TABLE seat_terms (
    kind     integer NOT NULL,
    of       text NOT NULL,                               -- such as the first block of a chain
    term     bigint NOT NULL,
    process  text NOT NULL,                               -- its sessions' application_name
    since    timestamptz NOT NULL DEFAULT now(),          -- the machine's clock
    PRIMARY KEY (kind, of)
);
