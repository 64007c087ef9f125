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
    blocked_at   timestamptz,                             -- the user blocked the bot
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- Addresses a user has rented for, offered again as buttons.
CREATE TABLE addresses (
    user_id       bigint NOT NULL REFERENCES users (id),
    address       tron_address NOT NULL,
    label         text NOT NULL DEFAULT '',
    last_used_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, address)
);

-- Prices, pools ----------------------------------------------------------------

-- A row is never changed once an order may point to it: a new price is a new row.
CREATE TABLE price_configs (
    id              varchar(255) PRIMARY KEY,
    duration_hours  numeric(9, 4) NOT NULL CHECK (duration_hours > 0),
    sun_per_energy  integer NOT NULL CHECK (sun_per_energy > 0),
    minimum_sun     bigint NOT NULL CHECK (minimum_sun >= 0),
    active          boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX price_configs_one_active_price_per_duration
    ON price_configs (duration_hours) WHERE active;

-- A pool is an account with staked TRX whose stake a hot key may delegate.
CREATE TABLE energy_pools (
    address        tron_address PRIMARY KEY,
    permission_id  smallint NOT NULL CHECK (permission_id IN (0) OR permission_id BETWEEN 2 AND 9),
    reserve_sun    bigint NOT NULL DEFAULT 0 CHECK (reserve_sun >= 0),
    enabled        boolean NOT NULL DEFAULT true,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now()
);

-- Orders -----------------------------------------------------------------------

-- What was offered to a customer, and until when it holds.
CREATE TABLE quotes (
    id                      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id                 bigint NOT NULL REFERENCES users (id),
    recipient_address       tron_address NOT NULL,
    destination_address     tron_address,
    price_config_id         varchar(255) NOT NULL REFERENCES price_configs (id),
    transaction_count       integer NOT NULL CHECK (transaction_count > 0),
    energy_per_transaction  integer NOT NULL CHECK (energy_per_transaction > 0),
    price_sun               bigint NOT NULL CHECK (price_sun > 0),
    burn_sun                bigint NOT NULL CHECK (burn_sun >= 0),
    holds_until             timestamptz NOT NULL,
    created_at              timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX quotes_holds_until ON quotes (holds_until);

CREATE TABLE energy_flash_orders (
    id                      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    number                  bigint GENERATED ALWAYS AS IDENTITY (START WITH 1001) UNIQUE,
    quote_id                uuid NOT NULL UNIQUE REFERENCES quotes (id),   -- two taps, one order
    user_id                 bigint NOT NULL REFERENCES users (id),
    recipient_address       tron_address NOT NULL,
    destination_address     tron_address,
    payment_address         tron_address NOT NULL,
    trx_amount              bigint NOT NULL CHECK (trx_amount > 0),        -- exact, in sun
    transaction_count       integer NOT NULL CHECK (transaction_count > 0),
    energy_per_transaction  integer NOT NULL CHECK (energy_per_transaction > 0),
    energy_amount           bigint GENERATED ALWAYS AS
                                (transaction_count::bigint * energy_per_transaction) STORED,
    burn_sun                bigint NOT NULL CHECK (burn_sun >= 0),         -- what burning would cost
    price_config_id         varchar(255) NOT NULL REFERENCES price_configs (id),
    duration_hours          numeric(9, 4) NOT NULL CHECK (duration_hours > 0),
    status                  varchar(20) NOT NULL DEFAULT 'pending' CHECK (status IN
                                ('pending', 'paid', 'processing', 'completed',
                                 'failed', 'expired', 'cancelled')),
    -- While true no other order may ask for the same amount at the same address.
    -- Outlives the order itself, so that a late payment cannot pay a stranger's order.
    amount_reserved         boolean NOT NULL DEFAULT true,
    payment_txid            transaction_id,
    failure                 text,
    card_chat_id            bigint,                       -- the message that shows the order
    card_message_id         bigint,
    ordered_at              timestamptz NOT NULL,         -- chain time from here on
    pay_until               timestamptz NOT NULL,
    paid_at                 timestamptz,
    deliver_until           timestamptz,                  -- set when delivery is first tried
    completed_at            timestamptz,
    expires_at              timestamptz,                  -- end of the rental
    ended_at                timestamptz,                  -- all of it taken back
    created_at              timestamptz NOT NULL DEFAULT now(),
    updated_at              timestamptz NOT NULL DEFAULT now(),
    CHECK (pay_until > ordered_at),
    CHECK (status NOT IN ('paid', 'processing', 'completed') OR payment_txid IS NOT NULL),
    CHECK (status <> 'completed' OR (completed_at IS NOT NULL AND expires_at IS NOT NULL)),
    CHECK ((card_chat_id IS NULL) = (card_message_id IS NULL))
);
CREATE UNIQUE INDEX orders_reserved_amount
    ON energy_flash_orders (payment_address, trx_amount) WHERE amount_reserved;
CREATE UNIQUE INDEX orders_payment_txid
    ON energy_flash_orders (payment_txid) WHERE payment_txid IS NOT NULL;
CREATE INDEX idx_energy_flash_orders_user_id ON energy_flash_orders (user_id, number DESC);
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
    confirmed_at     timestamptz,
    CHECK (status <> 'confirmed' OR (txid IS NOT NULL AND actual_amount IS NOT NULL))
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
    position      smallint NOT NULL CHECK (position >= 0),
    sender        tron_address NOT NULL,
    receiver      tron_address NOT NULL,
    amount_sun    bigint NOT NULL CHECK (amount_sun > 0),
    block_number  bigint NOT NULL,
    block_id      transaction_id NOT NULL,
    block_time    timestamptz NOT NULL,
    -- seen: in a block, not confirmed yet; matched: credited to its order;
    -- orphaned: its block left the chain. The others are the ends a payment can come to.
    status        text NOT NULL CHECK (status IN
                      ('seen', 'matched', 'delivered', 'credited', 'refunded', 'held',
                       'dust', 'orphaned')),
    order_id      uuid REFERENCES energy_flash_orders (id),
    reason        text,                                   -- why it does not simply pay an order
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (txid, position),
    CHECK (status NOT IN ('matched', 'delivered') OR order_id IS NOT NULL),
    CHECK (status NOT IN ('held', 'dust') OR reason IS NOT NULL)
);
CREATE UNIQUE INDEX payments_one_per_order
    ON payments (order_id)
    WHERE reason IS NULL AND status IN ('seen', 'matched', 'delivered');
CREATE INDEX payments_unconfirmed ON payments (block_number) WHERE status = 'seen';
CREATE INDEX payments_block ON payments (block_number);
CREATE INDEX payments_held ON payments (id) WHERE status = 'held';

-- Write-ahead store: a transaction stands here, signed, before its first broadcast.
CREATE TABLE chain_transactions (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    txid             transaction_id NOT NULL UNIQUE,
    kind             text NOT NULL CHECK (kind IN ('delegate', 'undelegate')),
    owner            tron_address NOT NULL REFERENCES energy_pools (address),
    receiver         tron_address NOT NULL,
    balance_sun      bigint NOT NULL CHECK (balance_sun > 0),
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
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (owner, timestamp_ms),                         -- equal intents never share an id
    CHECK ((state = 'included') = (block_number IS NOT NULL))
);
CREATE INDEX chain_transactions_open
    ON chain_transactions (next_attempt_at) WHERE state IN ('signed', 'sent');
CREATE INDEX chain_transactions_block ON chain_transactions (block_number);

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

-- The books ------------------------------------------------------------------------

-- Double entry, append-only: the entries of one transfer sum to zero.
CREATE TABLE ledger_entries (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transfer_id  uuid NOT NULL,
    account      text NOT NULL CHECK (account ~ '^(chain:T[1-9A-HJ-NP-Za-km-z]{33}|orders|revenue|held)$'),
    amount_sun   bigint NOT NULL CHECK (amount_sun <> 0),
    event        text NOT NULL,
    payment_id   bigint REFERENCES payments (id),
    order_id     uuid REFERENCES energy_flash_orders (id),
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ledger_entries_transfer ON ledger_entries (transfer_id);
CREATE INDEX ledger_entries_account ON ledger_entries (account);
-- The same event of a payment is booked once.
CREATE UNIQUE INDEX ledger_entries_once ON ledger_entries (payment_id, event, account);

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

-- What we want to say ----------------------------------------------------------------

CREATE TABLE outbox (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              text NOT NULL UNIQUE,                -- the same event is announced once
    chat_id          bigint NOT NULL,
    kind             text NOT NULL,
    order_id         uuid REFERENCES energy_flash_orders (id),
    payment_id       bigint REFERENCES payments (id),
    payload          jsonb NOT NULL DEFAULT '{}',
    state            text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dropped')),
    attempts         integer NOT NULL DEFAULT 0,
    leased           boolean NOT NULL DEFAULT false,      -- being sent, at most until the next attempt
    next_attempt_at  timestamptz NOT NULL DEFAULT now(),  -- pacing only: the machine's clock
    last_error       text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    sent_at          timestamptz
);
CREATE INDEX outbox_waiting ON outbox (chat_id, id) WHERE state = 'waiting';
