// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProtocolParameters} from "./IProtocolParameters.sol";

/// @title Services, their owners and their unit prices
/// @notice Prices are micro-USD per 10^9 units of a commodity: index 0 is bandwidth in bytes, 1 is compute in milliseconds.
/// Ids start at 0, the CDN. The protocol chain takes a price, and an owner, at the next epoch boundary.
interface IServiceRegistry {
    struct Service {
        address owner;
        string metadataUri;
        uint64[] prices;
    }

    /// @notice No such service.
    error UnknownService(uint32 serviceId);
    /// @notice Only the owner of the service.
    error NotServiceOwner(uint32 serviceId, address caller);
    /// @notice A service prices between 1 and 8 commodities.
    error InvalidCommodityCount(uint256 count);
    /// @notice The service does not price this commodity.
    error UnknownCommodity(uint32 serviceId, uint8 commodity);
    /// @notice `price` is above the governed maximum, parameter "maxPrice".
    error PriceTooHigh(uint8 commodity, uint64 price, uint256 max);
    /// @notice Nobody could act for the service.
    error ZeroOwner();
    /// @notice Only the account that the service was offered to.
    error NotPendingOwner(uint32 serviceId, address caller);
    /// @notice There are 65536 services.
    error TooManyServices();
    /// @notice A description takes at most 512 bytes.
    error MetadataTooLong(uint256 length);
    /// @notice A description is visible ASCII, bytes 0x21 to 0x7e.
    error InvalidMetadata();

    /// @notice A service exists. A PriceSet for each commodity follows in the same transaction.
    event ServiceRegistered(uint32 indexed serviceId, address indexed owner, string metadataUri);
    /// @notice The price of a commodity, micro-USD per 10^9 units.
    event PriceSet(uint32 indexed serviceId, uint8 commodity, uint64 price);
    /// @notice The service is described at another place.
    event MetadataSet(uint32 indexed serviceId, string metadataUri);
    /// @notice `owner` offers the service to `pendingOwner`; to the zero address: to nobody any more.
    event ServiceOffered(uint32 indexed serviceId, address indexed owner, address indexed pendingOwner);
    /// @notice The service belongs to `owner` from now on.
    event ServiceTransferred(uint32 indexed serviceId, address indexed previousOwner, address indexed owner);

    /// @notice Registers a service. Only governance, as every service takes room in the state of the protocol chain.
    /// @param metadataUri where the service is described: at most 512 bytes of visible ASCII
    /// @param prices per commodity, 1 to 8
    /// @return serviceId the next id
    function registerFor(
        address owner,
        string calldata metadataUri,
        uint64[] calldata prices
    ) external returns (uint32 serviceId);

    /// @notice Sets one price. Only the owner.
    function setPrice(uint32 serviceId, uint8 commodity, uint64 price) external;

    /// @notice Sets the description. Only the owner.
    function setMetadata(uint32 serviceId, string calldata metadataUri) external;

    /// @notice Offers the service to `to`, which must accept it; the zero address takes an offer back. Only the owner.
    function offerService(uint32 serviceId, address to) external;

    /// @notice Takes a service over. Only the account that it was offered to.
    function acceptService(uint32 serviceId) external;

    /// @notice A service with all its prices.
    function service(uint32 serviceId) external view returns (Service memory);

    /// @notice At most `count` services from id `from` on.
    function services(uint32 from, uint32 count) external view returns (Service[] memory);

    /// @notice The account that the service is offered to; zero when to nobody.
    function pendingOwner(uint32 serviceId) external view returns (address);

    /// @notice Number of services; ids are below it.
    function serviceCount() external view returns (uint32);

    /// @notice Where the bound of prices is read.
    function parameters() external view returns (IProtocolParameters);
}
