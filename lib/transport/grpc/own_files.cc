#include "own_files.h"

namespace weft::detail {

namespace {

using namespace std::string_view_literals;

// What protoc makes of the public definitions, as FileDescriptorProto.

constexpr std::string_view health_v1_bytes =
    "\012\033grpc/health/v1/health.proto\022\016grpc.health.v1\".\012\022HealthCheckRequest\022\030\012"
    "\007service\030\001 \001(\011R\007service\"\261\001\012\023HealthCheckResponse\022I\012\006status"
    "\030\001 \001(\01621.grpc.health.v1.HealthCheckResponse.ServingStatusR\006status\"O\012\015Serving"
    "Status\022\013\012\007UNKNOWN\020\000\022\013\012\007SERVING\020\001\022\017\012\013NOT_SERVING"
    "\020\002\022\023\012\017SERVICE_UNKNOWN\020\003\"\023\012\021HealthListRequest\"\304\001\012\022He"
    "althListResponse\022L\012\010statuses\030\001 \003(\01320.grpc.health.v1.HealthListResponse.Status"
    "esEntryR\010statuses\032`\012\015StatusesEntry\022\020\012\003key\030\001 \001(\011R\003key\0229"
    "\012\005value\030\002 \001(\0132#.grpc.health.v1.HealthCheckResponseR\005value:\0028\0012\375\001"
    "\012\006Health\022P\012\005Check\022\".grpc.health.v1.HealthCheckRequest\032#.grpc.health.v1.Healt"
    "hCheckResponse\022M\012\004List\022!.grpc.health.v1.HealthListRequest\032\".grpc.health.v1.HealthL"
    "istResponse\022R\012\005Watch\022\".grpc.health.v1.HealthCheckRequest\032#.grpc.health.v1.HealthCh"
    "eckResponse0\001b\006proto3"sv;

constexpr std::string_view reflection_v1_bytes =
    "\012#grpc/reflection/v1/reflection.proto\022\022grpc.reflection.v1\"\363\002\012\027ServerReflecti"
    "onRequest\022\022\012\004host\030\001 \001(\011R\004host\022*\012\020file_by_filename\030\003 \001"
    "(\011H\000R\016fileByFilename\0226\012\026file_containing_symbol\030\004 \001(\011H\000R\024fileCo"
    "ntainingSymbol\022b\012\031file_containing_extension\030\005 \001(\0132$.grpc.reflection.v1.Extens"
    "ionRequestH\000R\027fileContainingExtension\022B\012\035all_extension_numbers_of_type\030\006 \001"
    "(\011H\000R\031allExtensionNumbersOfType\022%\012\015list_services\030\007 \001(\011H\000R\014list"
    "ServicesB\021\012\017message_request\"f\012\020ExtensionRequest\022'\012\017containing_type\030"
    "\001 \001(\011R\016containingType\022)\012\020extension_number\030\002 \001(\005R\017extensionNumb"
    "er\"\256\004\012\030ServerReflectionResponse\022\035\012\012valid_host\030\001 \001(\011R\011valid"
    "Host\022V\012\020original_request\030\002 \001(\0132+.grpc.reflection.v1.ServerReflectionRequestR"
    "\017originalRequest\022f\012\030file_descriptor_response\030\004 \001(\0132*.grpc.reflection.v1.Fi"
    "leDescriptorResponseH\000R\026fileDescriptorResponse\022r\012\036all_extension_numbers_response"
    "\030\005 \001(\0132+.grpc.reflection.v1.ExtensionNumberResponseH\000R\033allExtensionNumbersRespon"
    "se\022_\012\026list_services_response\030\006 \001(\0132'.grpc.reflection.v1.ListServiceResponseH"
    "\000R\024listServicesResponse\022J\012\016error_response\030\007 \001(\0132!.grpc.reflection.v1.Er"
    "rorResponseH\000R\015errorResponseB\022\012\020message_response\"L\012\026FileDescriptorResponse"
    "\0222\012\025file_descriptor_proto\030\001 \003(\014R\023fileDescriptorProto\"j\012\027ExtensionNu"
    "mberResponse\022$\012\016base_type_name\030\001 \001(\011R\014baseTypeName\022)\012\020extension_n"
    "umber\030\002 \003(\005R\017extensionNumber\"T\012\023ListServiceResponse\022=\012\007service\030"
    "\001 \003(\0132#.grpc.reflection.v1.ServiceResponseR\007service\"%\012\017ServiceResponse\022\022"
    "\012\004name\030\001 \001(\011R\004name\"S\012\015ErrorResponse\022\035\012\012error_code\030\001 "
    "\001(\005R\011errorCode\022#\012\015error_message\030\002 \001(\011R\014errorMessage2\211\001\012"
    "\020ServerReflection\022u\012\024ServerReflectionInfo\022+.grpc.reflection.v1.ServerReflectionRequ"
    "est\032,.grpc.reflection.v1.ServerReflectionResponse(\0010\001b\006proto3"sv;

constexpr std::string_view reflection_v1alpha_bytes =
    "\012(grpc/reflection/v1alpha/reflection.proto\022\027grpc.reflection.v1alpha\"\370\002\012\027Serv"
    "erReflectionRequest\022\022\012\004host\030\001 \001(\011R\004host\022*\012\020file_by_filename"
    "\030\003 \001(\011H\000R\016fileByFilename\0226\012\026file_containing_symbol\030\004 \001(\011H"
    "\000R\024fileContainingSymbol\022g\012\031file_containing_extension\030\005 \001(\0132).grpc.refle"
    "ction.v1alpha.ExtensionRequestH\000R\027fileContainingExtension\022B\012\035all_extension_numbers_"
    "of_type\030\006 \001(\011H\000R\031allExtensionNumbersOfType\022%\012\015list_services\030\007 "
    "\001(\011H\000R\014listServicesB\021\012\017message_request\"f\012\020ExtensionRequest\022'\012"
    "\017containing_type\030\001 \001(\011R\016containingType\022)\012\020extension_number\030\002 \001"
    "(\005R\017extensionNumber\"\307\004\012\030ServerReflectionResponse\022\035\012\012valid_host\030"
    "\001 \001(\011R\011validHost\022[\012\020original_request\030\002 \001(\01320.grpc.reflection.v1al"
    "pha.ServerReflectionRequestR\017originalRequest\022k\012\030file_descriptor_response\030\004 \001("
    "\0132/.grpc.reflection.v1alpha.FileDescriptorResponseH\000R\026fileDescriptorResponse\022w\012\036"
    "all_extension_numbers_response\030\005 \001(\01320.grpc.reflection.v1alpha.ExtensionNumberResponse"
    "H\000R\033allExtensionNumbersResponse\022d\012\026list_services_response\030\006 \001(\0132,.grpc."
    "reflection.v1alpha.ListServiceResponseH\000R\024listServicesResponse\022O\012\016error_response"
    "\030\007 \001(\0132&.grpc.reflection.v1alpha.ErrorResponseH\000R\015errorResponseB\022\012\020mess"
    "age_response\"L\012\026FileDescriptorResponse\0222\012\025file_descriptor_proto\030\001 \003(\014R"
    "\023fileDescriptorProto\"j\012\027ExtensionNumberResponse\022$\012\016base_type_name\030\001 \001("
    "\011R\014baseTypeName\022)\012\020extension_number\030\002 \003(\005R\017extensionNumber\"Y\012"
    "\023ListServiceResponse\022B\012\007service\030\001 \003(\0132(.grpc.reflection.v1alpha.ServiceRes"
    "ponseR\007service\"%\012\017ServiceResponse\022\022\012\004name\030\001 \001(\011R\004name\"S\012"
    "\015ErrorResponse\022\035\012\012error_code\030\001 \001(\005R\011errorCode\022#\012\015error_mess"
    "age\030\002 \001(\011R\014errorMessage2\223\001\012\020ServerReflection\022\177\012\024ServerRefle"
    "ctionInfo\0220.grpc.reflection.v1alpha.ServerReflectionRequest\0321.grpc.reflection.v1alpha.Server"
    "ReflectionResponse(\0010\001b\006proto3"sv;

constexpr FileDescriptor health_v1_file{
    .name = "grpc/health/v1/health.proto", .bytes = health_v1_bytes, .imports = {}};
constexpr FileDescriptor reflection_v1_file{
    .name = "grpc/reflection/v1/reflection.proto", .bytes = reflection_v1_bytes, .imports = {}};
constexpr FileDescriptor reflection_v1alpha_file{
    .name = "grpc/reflection/v1alpha/reflection.proto", .bytes = reflection_v1alpha_bytes, .imports = {}};

}  // namespace

const FileDescriptor& health_file() noexcept { return health_v1_file; }
const FileDescriptor& reflection_file(ReflectionVersion version) noexcept {
  return version == ReflectionVersion::v1 ? reflection_v1_file : reflection_v1alpha_file;
}

}  // namespace weft::detail
