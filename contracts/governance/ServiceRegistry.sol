// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IProtocolParameters} from "../interfaces/IProtocolParameters.sol";
import {IServiceRegistry} from "../interfaces/IServiceRegistry.sol";
import {AsciiText} from "../libraries/AsciiText.sol";

/// @title Implementation of {IServiceRegistry}, which says what it does
contract ServiceRegistry is IServiceRegistry, AccessManagedUpgradeable, UUPSUpgradeable {
    uint256 private constant MAX_COMMODITIES = 8;
    uint256 private constant MAX_SERVICES = 1 << 16;
    uint256 private constant MAX_METADATA_BYTES = 512;
    bytes32 private constant MAX_PRICE = "maxPrice";

    /// @inheritdoc IServiceRegistry
    IProtocolParameters public immutable parameters;

    Service[] private _services;
    /// @inheritdoc IServiceRegistry
    mapping(uint32 serviceId => address account) public pendingOwner;

    constructor(IProtocolParameters protocolParameters) {
        parameters = protocolParameters;
        _disableInitializers();
    }

    /// @notice Once, by whoever deploys the proxy.
    function initialize(address authority) external initializer {
        __AccessManaged_init(authority);
    }

    /// @inheritdoc IServiceRegistry
    function registerFor(
        address owner,
        string calldata metadataUri,
        uint64[] calldata prices
    ) external restricted returns (uint32 serviceId) {
        if (owner == address(0)) revert ZeroOwner();
        if (_services.length == MAX_SERVICES) revert TooManyServices();
        if (prices.length == 0 || prices.length > MAX_COMMODITIES) revert InvalidCommodityCount(prices.length);
        _requireMetadata(metadataUri);
        serviceId = uint32(_services.length);
        Service storage added = _services.push();
        added.owner = owner;
        added.metadataUri = metadataUri;
        emit ServiceRegistered(serviceId, owner, metadataUri);
        for (uint8 i = 0; i < prices.length; i++) {
            added.prices.push();
            _setPrice(added, serviceId, i, prices[i]);
        }
    }

    /// @inheritdoc IServiceRegistry
    function setPrice(uint32 serviceId, uint8 commodity, uint64 price) external {
        Service storage changed = _owned(serviceId);
        if (commodity >= changed.prices.length) revert UnknownCommodity(serviceId, commodity);
        _setPrice(changed, serviceId, commodity, price);
    }

    /// @inheritdoc IServiceRegistry
    function setMetadata(uint32 serviceId, string calldata metadataUri) external {
        Service storage changed = _owned(serviceId);
        _requireMetadata(metadataUri);
        changed.metadataUri = metadataUri;
        emit MetadataSet(serviceId, metadataUri);
    }

    /// @inheritdoc IServiceRegistry
    function offerService(uint32 serviceId, address to) external {
        _owned(serviceId);
        pendingOwner[serviceId] = to;
        emit ServiceOffered(serviceId, msg.sender, to);
    }

    /// @inheritdoc IServiceRegistry
    function acceptService(uint32 serviceId) external {
        if (pendingOwner[serviceId] != msg.sender) revert NotPendingOwner(serviceId, msg.sender);
        Service storage accepted = _service(serviceId);
        address previousOwner = accepted.owner;
        accepted.owner = msg.sender;
        delete pendingOwner[serviceId];
        emit ServiceTransferred(serviceId, previousOwner, msg.sender);
    }

    /// @inheritdoc IServiceRegistry
    function service(uint32 serviceId) external view returns (Service memory) {
        return _service(serviceId);
    }

    /// @inheritdoc IServiceRegistry
    function services(uint32 from, uint32 count) external view returns (Service[] memory page) {
        uint256 left = from < _services.length ? _services.length - from : 0;
        page = new Service[](count < left ? count : left);
        for (uint256 i = 0; i < page.length; i++) page[i] = _services[from + i];
    }

    /// @inheritdoc IServiceRegistry
    function serviceCount() external view returns (uint32) {
        return uint32(_services.length);
    }

    function _setPrice(Service storage changed, uint32 serviceId, uint8 commodity, uint64 price) private {
        uint256 max = parameters.get(MAX_PRICE);
        if (price > max) revert PriceTooHigh(commodity, price, max);
        changed.prices[commodity] = price;
        emit PriceSet(serviceId, commodity, price);
    }

    function _authorizeUpgrade(address) internal override restricted {}

    function _owned(uint32 serviceId) private view returns (Service storage owned) {
        owned = _service(serviceId);
        if (owned.owner != msg.sender) revert NotServiceOwner(serviceId, msg.sender);
    }

    function _service(uint32 serviceId) private view returns (Service storage) {
        if (serviceId >= _services.length) revert UnknownService(serviceId);
        return _services[serviceId];
    }

    function _requireMetadata(string calldata metadataUri) private pure {
        uint256 length = bytes(metadataUri).length;
        if (length > MAX_METADATA_BYTES) revert MetadataTooLong(length);
        if (!AsciiText.isVisible(metadataUri)) revert InvalidMetadata();
    }
}
