"""Use cases of master data, by subject: customers, bank accounts, locations and meters."""

from turnus.masterdata.services.bank_accounts import (
    ProposedBankAccount,
    approve_bank_accounts,
    block_mandate,
    check_iban,
    propose_bank_account,
    revoke_mandate,
)
from turnus.masterdata.services.customers import (
    NewAddress,
    NewCustomer,
    create_customer,
    open_contract_account,
    update_address,
    update_customer,
)
from turnus.masterdata.services.locations import (
    NewMarketLocation,
    NewMeter,
    NewRegister,
    add_meter,
    add_metering_location,
    create_market_location,
    exchange_meter,
    remove_meter,
    update_market_location,
    update_register,
)
from turnus.masterdata.services.retroactive import (
    approve_location_change,
    approve_register_change,
    propose_location_change,
    propose_register_change,
)
from turnus.system.changes import InvalidInput
from turnus.worklist.retroactive import NeedsApproval

__all__ = [
    "InvalidInput",
    "NeedsApproval",
    "NewAddress",
    "NewCustomer",
    "NewMarketLocation",
    "NewMeter",
    "NewRegister",
    "ProposedBankAccount",
    "add_meter",
    "add_metering_location",
    "approve_bank_accounts",
    "approve_location_change",
    "approve_register_change",
    "block_mandate",
    "check_iban",
    "create_customer",
    "create_market_location",
    "exchange_meter",
    "open_contract_account",
    "propose_bank_account",
    "propose_location_change",
    "propose_register_change",
    "remove_meter",
    "revoke_mandate",
    "update_address",
    "update_customer",
    "update_market_location",
    "update_register",
]
